/** What changed from one of the compared runs to another: one list, what weighs most first. */

import { Loader } from "@mantine/core";
import { lazy, type ReactNode, Suspense } from "react";
import { type DifferenceInfo, useDifferences } from "#api/differences.ts";
import type { Run } from "#api/types.ts";
import type { Change as ViewChange } from "#base/change.ts";
import { formatCount, formatNumber } from "#base/numbers.ts";
import { matchesSearch } from "#base/path.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { folding } from "#widgets/toggled.ts";
import styles from "./changes.module.css";
import { AREA_WORDS, differenceOfValues, pairWords, partingWords, textsOf } from "./changes.ts";
import type { ComparedRun, CompareView } from "./compare-page.tsx";
import { PairBar, pairOf } from "./run-pair.tsx";

const TextDifference = lazy(() => import("./text-difference.tsx").then((m) => ({ default: m.TextDifference })));

interface ChangesProps {
  readonly compared: readonly ComparedRun[];
  readonly view: CompareView;
  readonly onView: (change: ViewChange<CompareView>) => void;
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
}

export function Changes({ compared, view, onView, runLink }: ChangesProps) {
  const pair = pairOf(compared, view);
  if (pair === null) {
    return <EmptyState title="Choose two runs">What changed is told between two of the compared runs.</EmptyState>;
  }
  const { before, after } = pair;
  return (
    <div className={styles.page}>
      <PairBar compared={compared} pair={pair} onView={onView}>
        <SearchInput
          className={styles.filter}
          value={view.filter ?? ""}
          onChange={(text) => onView({ filter: text || undefined })}
          label="Search what changed"
          testId="changes-filter"
        />
      </PairBar>
      <p className={styles.words}>
        From {runLink(before.run, before.label)} to {runLink(after.run, after.label)}
      </p>
      <ChangeList before={before} after={after} view={view} onView={onView} />
    </div>
  );
}

interface ChangeListProps {
  readonly before: ComparedRun;
  readonly after: ComparedRun;
  readonly view: CompareView;
  readonly onView: (change: ViewChange<CompareView>) => void;
}

function ChangeList({ before, after, view, onView }: ChangeListProps) {
  const filter = view.filter ?? "";
  const { data, error, isPending, refetch } = useDifferences(before.run.id, after.run.id);
  if (isPending) return <Loader size={20} color="gray" className={styles.waiting ?? ""} />;
  if (data === undefined) return error === null ? null : <ErrorState error={error} onRetry={() => void refetch()} />;
  const shown = data.differences.filter(
    ({ path, area }) => filter === "" || matchesSearch(`${AREA_WORDS[area]} ${path}`, filter),
  );
  const notes = notesOf(data);
  return (
    <>
      {shown.length === 0 && (
        <EmptyState title={filter === "" ? "These runs do not differ" : "No difference matches the search"} />
      )}
      <ol className={styles.list} data-testid="changes">
        {shown.map((each) => (
          <Change
            key={`${each.area} ${each.path}`}
            each={each}
            runs={[before.run.id, after.run.id]}
            onView={onView}
            {...folding(view, onView, each.path, false)}
          />
        ))}
      </ol>
      {notes !== "" && <p className={styles.words}>{notes}</p>}
    </>
  );
}

function notesOf({
  left_out,
  series_alike,
  series_left_out,
  is_whole,
}: {
  readonly left_out: number;
  readonly series_alike: number;
  readonly series_left_out: number;
  readonly is_whole: boolean;
}): string {
  const notes: string[] = [];
  if (series_alike > 0) {
    notes.push(`${formatCount(series_alike)} ${series_alike === 1 ? "metric does" : "metrics do"} not part.`);
  }
  if (series_left_out > 0) notes.push(`${formatCount(series_left_out)} more metrics were not compared.`);
  if (left_out > 0) notes.push(`${formatCount(left_out)} lesser differences are left out.`);
  if (!is_whole) notes.push("The runs have so many attributes that only the first of them were compared.");
  return notes.join(" ");
}

interface ChangeProps {
  readonly each: DifferenceInfo;
  /** Ids of the run before and of the one after. */
  readonly runs: readonly [string, string];
  readonly onView: (change: ViewChange<CompareView>) => void;
  /** Whether the lines that differ are shown. */
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function Change({ each, runs, onView, isOpen, onToggle }: ChangeProps) {
  const { area, path, before, after, weight, details, parting } = each;
  const change = differenceOfValues(before, after);
  const texts = textsOf(each);
  const [old, now] = pairWords(before, after);
  return (
    <li className={styles.row} data-testid="change" data-path={path} data-area={area}>
      <span className={styles.weight} title={`Weight ${formatNumber(weight)}`}>
        <span style={{ width: `${Math.round(weight * 100)}%` }} />
      </span>
      <span className={styles.area} data-area={area}>
        {AREA_WORDS[area]}
      </span>
      <span className={styles.path}>{path}</span>
      <span className={styles.values}>
        <span className={styles.before}>{old}</span>
        <span aria-hidden="true"> → </span>
        <span className={styles.after}>{now}</span>
        {change !== null && <span className={styles.change}>{change}</span>}
      </span>
      {(parting !== null || details.length > 0) && (
        <span className={styles.details}>
          {parting !== null && (
            <>
              {partingWords(parting)}{" "}
              <button
                type="button"
                className={styles.link}
                onClick={() => onView({ tab: undefined, filter: undefined, folded: undefined, path })}
              >
                Show the chart
              </button>
            </>
          )}
          {texts !== null && (
            <button type="button" className={styles.link} aria-expanded={isOpen} onClick={onToggle}>
              {isOpen ? "Hide the lines" : "Show the lines"}
            </button>
          )}
          {details.map((line) => (
            <span key={line} className={styles.detail}>
              {line}
            </span>
          ))}
        </span>
      )}
      {isOpen && texts !== null && (
        <div className={styles.wide}>
          <Suspense>
            <TextDifference
              path={path}
              before={{ runId: runs[0], sha256: texts[0] }}
              after={{ runId: runs[1], sha256: texts[1] }}
            />
          </Suspense>
        </div>
      )}
    </li>
  );
}
