/** Texts of two of the compared runs, line by line: the configuration, the console, requirements, sources. */

import { Loader } from "@mantine/core";
import type { ReactNode } from "react";
import { useFileText } from "#api/queries.ts";
import { LAST_LINES, useFirstAttributes, useLastLines } from "#api/run-texts.ts";
import type { Run } from "#api/types.ts";
import { formatBytes, formatCount } from "#base/numbers.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import type { ComparedRun, CompareView } from "./compare-page.tsx";
import { PairBar, pairOf } from "./run-pair.tsx";
import { DifferenceOf } from "./text-difference.tsx";
import styles from "./texts.module.css";
import { type PairedText, pairTexts, type TextSource } from "./texts.ts";

interface TextsProps {
  readonly compared: readonly ComparedRun[];
  readonly view: CompareView;
  readonly onView: (patch: CompareView) => void;
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
}

export function Texts({ compared, view, onView, runLink }: TextsProps) {
  const pair = pairOf(compared, view);
  const runIds = pair === null ? [] : [pair.before.run.id, pair.after.run.id];
  const [old, now] = useFirstAttributes(runIds);
  if (pair === null) {
    return <EmptyState title="Choose two runs">Texts are compared between two of the compared runs.</EmptyState>;
  }
  const error = old?.error ?? now?.error ?? null;
  const isWhole = old?.data !== undefined && now?.data !== undefined;
  const texts = isWhole ? pairTexts(old.data.attributes, now.data.attributes) : [];
  const shown = texts.find(({ name }) => name === view.path) ?? texts.find(({ differs }) => differs) ?? texts[0];
  return (
    <div className={styles.page}>
      <PairBar compared={compared} pair={pair} onView={onView}>
        <span className={styles.words}>
          From {runLink(pair.before.run, pair.before.label)} to {runLink(pair.after.run, pair.after.label)}
        </span>
      </PairBar>
      {error !== null && <ErrorState error={error} />}
      {error === null && !isWhole && <Loader size={20} color="gray" className={styles.waiting ?? ""} />}
      {isWhole && shown === undefined && <EmptyState title="These runs have no texts to compare" />}
      {shown !== undefined && (
        <div className={styles.columns}>
          <nav className={styles.list} aria-label="Texts">
            {texts.map((each) => (
              <button
                key={each.name}
                type="button"
                className={styles.item}
                data-testid="text-item"
                data-differs={each.differs ?? undefined}
                aria-current={each === shown || undefined}
                onClick={() => onView({ path: each.name })}
              >
                <span className={styles.title}>{each.title}</span>
                {each.differs === true && <span className={styles.mark}>differs</span>}
              </button>
            ))}
            {(old?.data?.isCut || now?.data?.isCut) && (
              <p className={styles.words}>
                Of runs with this many attributes, those first in the alphabet are compared.
              </p>
            )}
          </nav>
          <div className={styles.shown} data-testid="text-shown" data-name={shown.name}>
            <Shown key={`${shown.name} ${runIds.join(" ")}`} text={shown} runIds={runIds} />
          </div>
        </div>
      )}
    </div>
  );
}

/** More than this is not read line by line. */
const MOST_BYTES = 2_000_000;
const MOST_LINES = 40;

function Shown({ text, runIds }: { readonly text: PairedText; readonly runIds: readonly string[] }) {
  const before = useText(runIds[0] ?? "", text.before);
  const after = useText(runIds[1] ?? "", text.after);
  const large = [text.before, text.after].find((each) => each?.kind === "file" && each.file.size > MOST_BYTES);
  if (large?.kind === "file") {
    return <p className={styles.words}>{`With ${formatBytes(large.file.size)} it is too large to compare here.`}</p>;
  }
  return (
    <>
      {text.before === null && <p className={styles.words}>Only the run after has it.</p>}
      {text.after === null && <p className={styles.words}>Only the run before has it.</p>}
      {text.before?.kind === "lines" && (
        <p className={styles.words}>{`The last ${formatCount(LAST_LINES)} lines of each are compared.`}</p>
      )}
      <DifferenceOf
        name={text.title}
        before={before.text}
        after={after.text}
        error={before.error ?? after.error}
        mostLines={MOST_LINES}
      />
    </>
  );
}

interface FetchedText {
  /** Undefined until it is there; empty for what a run does not have. */
  readonly text: string | undefined;
  readonly error: Error | null;
}

function useText(runId: string, source: TextSource | null): FetchedText {
  const file = source?.kind === "file" && source.file.size <= MOST_BYTES ? source : null;
  const stored = useFileText(runId, file?.path ?? "", file?.file.sha256 ?? "", file !== null);
  const lines = useLastLines(runId, source?.kind === "lines" ? source.path : null);
  if (source === null) return { text: "", error: null };
  switch (source.kind) {
    case "text":
      return { text: source.text, error: null };
    case "file":
      return { text: stored.data, error: stored.error };
    case "lines":
      return { text: lines.data, error: lines.error };
  }
}
