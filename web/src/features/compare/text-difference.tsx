/** The lines of a text file that differ between two runs. */

import { Loader } from "@mantine/core";
import { useMemo } from "react";
import { useFileText } from "#api/queries.ts";
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

const LINE_HEIGHT = 19;
const HEAD_HEIGHT = 34;
const MOST_LINES = 24;

export function TextDifference({ path, before, after }: TextDifferenceProps) {
  const old = useFileText(before.runId, path, before.sha256, true);
  const now = useFileText(after.runId, path, after.sha256, true);
  const file = useMemo(
    () => (old.data === undefined || now.data === undefined ? null : diffOfTexts(path, old.data, now.data)),
    [path, old.data, now.data],
  );
  const error = old.error ?? now.error;
  if (error !== null) return <ErrorState error={error} />;
  if (file === null) return <Loader size={16} color="gray" />;
  const height = HEAD_HEIGHT + LINE_HEIGHT * Math.min(MOST_LINES, file.lines.length + 1);
  return (
    <div className={styles.diff} style={{ height }}>
      <DiffView files={[file]} label={`Differences of ${path}`} />
    </div>
  );
}
