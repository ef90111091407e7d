/** The lines of a text that differ between two runs. */

import { Loader } from "@mantine/core";
import { useMemo } from "react";
import { useFileText } from "#api/queries.ts";
import type { DiffFile } from "#base/git-diff.ts";
import { diffOfTexts } from "#base/line-diff.ts";
import { DiffView } from "#widgets/diff-view.tsx";
import { ErrorState } from "#widgets/empty-state.tsx";
import styles from "./changes.module.css";

interface TextDifferenceProps {
  readonly path: string;
  /** The run and the hash of the file that it has. */
  readonly before: { readonly runId: string; readonly sha256: string };
  readonly after: { readonly runId: string; readonly sha256: string };
}

export function TextDifference({ path, before, after }: TextDifferenceProps) {
  const old = useFileText(before.runId, path, before.sha256, true);
  const now = useFileText(after.runId, path, after.sha256, true);
  return <DifferenceOf name={path} before={old.data} after={now.data} error={old.error ?? now.error} mostLines={24} />;
}

interface DifferenceOfProps {
  readonly name: string;
  /** Undefined until it is there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly error: Error | null;
  /** It scrolls beyond. */
  readonly mostLines: number;
}

const LINE_HEIGHT = 19;
const HEAD_HEIGHT = 34;

export function DifferenceOf({ name, before, after, error, mostLines }: DifferenceOfProps) {
  const file = useMemo(
    () => (before === undefined || after === undefined ? null : diffOfTexts(name, before, after)),
    [name, before, after],
  );
  if (error !== null) return <ErrorState error={error} />;
  if (file === null) return <Loader size={16} color="gray" />;
  if (file.lines.length === 0) return <p className={styles.words}>Both are the same.</p>;
  return <DiffBox files={[file]} label={`Differences of ${name}`} mostLines={mostLines} />;
}

interface DiffBoxProps {
  readonly files: readonly DiffFile[];
  readonly label: string;
  /** It scrolls beyond. */
  readonly mostLines: number;
  readonly onEnd?: () => void;
}

/** A change as high as its lines, up to a height from which on it scrolls. */
export function DiffBox({ files, mostLines, ...view }: DiffBoxProps) {
  const lines = files.reduce((sum, file) => sum + file.lines.length, 0);
  const height = HEAD_HEIGHT + LINE_HEIGHT * Math.min(mostLines, lines + 1);
  return (
    <div className={styles.diff} style={{ height }}>
      <DiffView files={files} {...view} />
    </div>
  );
}
