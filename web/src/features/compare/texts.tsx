/** Texts of two of the compared runs, line by line: the configuration, the console, requirements, sources. */

import { Loader } from "@mantine/core";
import { type ReactNode, useMemo } from "react";
import { useFileText } from "#api/queries.ts";
import { LAST_LINES, type TwoRuns, useLastLines, useTextPair, useTextPairs, useValuePairs } from "#api/run-texts.ts";
import type { Run, TextPair } from "#api/types.ts";
import { formatBytes, formatCount } from "#base/numbers.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { More } from "#widgets/more.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import type { ComparedRun, CompareView } from "./compare-page.tsx";
import { PairBar, pairOf } from "./run-pair.tsx";
import { DiffBox, DifferenceOf } from "./text-difference.tsx";
import styles from "./texts.module.css";
import { CONFIGURATION, differingValues, sourceOf, type TextSource, titleOf } from "./texts.ts";

interface TextsProps {
  readonly compared: readonly ComparedRun[];
  readonly view: CompareView;
  readonly onView: (patch: CompareView) => void;
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
}

export function Texts({ compared, view, onView, runLink }: TextsProps) {
  const pair = pairOf(compared, view);
  if (pair === null) {
    return <EmptyState title="Choose two runs">Texts are compared between two of the compared runs.</EmptyState>;
  }
  return (
    <div className={styles.page}>
      <PairBar compared={compared} pair={pair} onView={onView}>
        <span className={styles.words}>
          From {runLink(pair.before.run, pair.before.label)} to {runLink(pair.after.run, pair.after.label)}
        </span>
      </PairBar>
      <TextsOf before={pair.before.run.id} after={pair.after.run.id} view={view} onView={onView} />
    </div>
  );
}

interface TextsOfProps extends Pick<TextsProps, "view" | "onView"> {
  readonly before: string;
  readonly after: string;
}

function TextsOf({ before, after, view, onView }: TextsOfProps) {
  const runs = useMemo<TwoRuns>(() => [before, after], [before, after]);
  const search = view.filter ?? "";
  const { pairs, first, error, hasNextPage, isFetching, fetchNextPage } = useTextPairs(runs, search);
  const name = view.path ?? first?.first_differing ?? pairs[0]?.name;
  const held = pairs.find((each) => each.name === name);
  const shown = useTextPair(runs, name, held);
  if (first === undefined && (error === null || search === "")) {
    return error === null ? (
      <Loader size={20} color="gray" className={styles.waiting ?? ""} />
    ) : (
      <ErrorState error={error} />
    );
  }
  if (first?.all_count === 0) return <EmptyState title="These runs have no texts to compare" />;
  return (
    <div className={styles.columns}>
      <nav className={styles.list} aria-label="Texts">
        <SearchInput
          value={search}
          onChange={(text) => onView({ filter: text || undefined })}
          label="Search texts by name"
          testId="texts-filter"
        />
        {error !== null && <ErrorState error={error} />}
        {error === null && first !== undefined && (
          <p className={styles.count} data-testid="texts-count">
            {search === ""
              ? countOf(first.all_count)
              : `${formatCount(first.pair_count)} of ${countOf(first.all_count)}`}
          </p>
        )}
        {error === null &&
          pairs.map((each) => (
            <button
              key={each.name}
              type="button"
              className={styles.item}
              data-testid="text-item"
              data-differs={each.differs ?? undefined}
              aria-current={each.name === name || undefined}
              onClick={() => onView({ path: each.name, values: undefined })}
            >
              <span className={styles.title}>{titleOf(each.name)}</span>
              {each.differs === true && <span className={styles.mark}>differs</span>}
            </button>
          ))}
        {hasNextPage && !isFetching && <More key={pairs.length} onReached={() => void fetchNextPage()} />}
      </nav>
      <div className={styles.shown} data-testid="text-shown" data-name={shown.pair?.name}>
        {shown.error !== null && <ErrorState error={shown.error} />}
        {shown.pair?.name === CONFIGURATION && (
          <Values key={runs.join(" ")} runs={runs} search={view.values ?? ""} onView={onView} />
        )}
        {shown.pair !== undefined && shown.pair.name !== CONFIGURATION && (
          <Shown key={`${shown.pair.name} ${runs.join(" ")}`} pair={shown.pair} runs={runs} />
        )}
      </div>
    </div>
  );
}

function countOf(count: number): string {
  return count === 1 ? "1 text" : `${formatCount(count)} texts`;
}

/** More than this is not read line by line. */
const MOST_BYTES = 2_000_000;
const MOST_LINES = 40;

interface ValuesProps {
  readonly runs: TwoRuns;
  readonly search: string;
  readonly onView: (patch: CompareView) => void;
}

/** The configuration: the values in which the runs differ, and of how many that is said. */
function Values({ runs, search, onView }: ValuesProps) {
  const { pairs, first, error, hasNextPage, fetchNextPage } = useValuePairs(runs, search);
  const files = useMemo(() => (first === undefined ? [] : [differingValues([...pairs], first)]), [pairs, first]);
  return (
    <>
      <SearchInput
        className={styles.values}
        value={search}
        onChange={(text) => onView({ values: text || undefined, path: CONFIGURATION })}
        label="Search values by path"
        testId="values-filter"
      />
      {error !== null && <ErrorState error={error} />}
      {error === null && first === undefined && <Loader size={16} color="gray" />}
      {error === null && first !== undefined && (
        <p className={styles.words} data-testid="values-count">
          {`${formatCount(first.pair_count)} of ${formatCount(first.value_count)} values differ`}
          {search === "" ? "." : `, of those that the search finds among ${formatCount(first.all_count)}.`}
        </p>
      )}
      {error === null && pairs.length > 0 && (
        <DiffBox
          files={files}
          label="Differences of Configuration"
          mostLines={MOST_LINES}
          onEnd={() => {
            if (hasNextPage) void fetchNextPage();
          }}
        />
      )}
    </>
  );
}

interface ShownProps {
  readonly pair: TextPair;
  readonly runs: TwoRuns;
}

function Shown({ pair, runs }: ShownProps) {
  const [old, now] = [sourceOf(pair.before), sourceOf(pair.after)];
  const before = useText(runs[0], old);
  const after = useText(runs[1], now);
  const large = [old, now].find((each) => each?.kind === "file" && each.file.size > MOST_BYTES);
  if (large?.kind === "file") {
    return <p className={styles.words}>{`With ${formatBytes(large.file.size)} it is too large to compare here.`}</p>;
  }
  return (
    <>
      {old === null && <p className={styles.words}>Only the run after has it.</p>}
      {now === null && <p className={styles.words}>Only the run before has it.</p>}
      {(old ?? now)?.kind === "lines" && (
        <p className={styles.words}>{`The last ${formatCount(LAST_LINES)} lines of each are compared.`}</p>
      )}
      <DifferenceOf
        name={titleOf(pair.name)}
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
    case "file":
      return { text: stored.data, error: stored.error };
    case "lines":
      return { text: lines.data, error: lines.error };
  }
}
