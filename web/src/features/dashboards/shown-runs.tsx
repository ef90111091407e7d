/** Whose lines a dashboard shows: each run or group with its colour, as a comparison of them has it. */

import type { ReactNode } from "react";
import type { ValuesAt } from "#api/comparison.ts";
import type { RunGroup } from "#api/groups.ts";
import { labelsOf } from "#api/run-labels.ts";
import type { Run } from "#api/types.ts";
import { lineColor, lineDash } from "#base/color.ts";
import { colorSlots } from "#base/run-color.ts";
import { useDark } from "#widgets/dark.ts";
import { singlingOut, useHighlight, useIsHighlighted } from "#widgets/highlight.ts";
import { StatusBadge } from "#widgets/status-badge.tsx";
import styles from "./dashboard-page.module.css";

export interface ShownRun {
  readonly run: Run;
  readonly label: string;
  readonly slot: number;
}

/**
 * The runs in the order of their creation, so that a new one leaves the colours of the others alone; named by what they
 * have at the paths `legend`, if there are any.
 */
export function shownRuns(runs: readonly Run[], legend: readonly string[], values: ValuesAt): readonly ShownRun[] {
  const sorted = [...runs].sort((a, b) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1));
  const slots = colorSlots(sorted.map(({ id }) => id));
  const labels = labelsOf(sorted, legend, values);
  return sorted.map((run) => ({ run, label: labels.get(run.id) ?? run.key, slot: slots.get(run.id) ?? 0 }));
}

interface ShownRunsProps {
  readonly runs: readonly ShownRun[];
  /** Null if each run is drawn. */
  readonly groups: readonly RunGroup[] | null;
  /** Whether the address names them; otherwise they are the newest. */
  readonly isChosen: boolean;
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
  /** What chooses how the runs are named. */
  readonly children: ReactNode;
}

export function ShownRuns({ runs, groups, isChosen, runLink, children }: ShownRunsProps) {
  return (
    <>
      {groups !== null && (
        <ul className={styles.runs} aria-label="Groups of runs" data-testid="dashboard-groups">
          {groups.map(({ name, slot, runIds }) => (
            <Item key={name} id={`group ${name}`}>
              <Swatch slot={slot} />
              <span className={styles.groupName}>{name}</span>
              <span className={styles.note}>{runIds.length === 1 ? "1 run" : `${runIds.length} runs`}</span>
            </Item>
          ))}
        </ul>
      )}
      {groups === null && (
        <div className={styles.named}>
          <ul
            className={styles.runs}
            aria-label={isChosen ? "Chosen runs" : "Newest runs"}
            data-testid="dashboard-runs"
          >
            {runs.map(({ run, label, slot }) => (
              <Item key={run.id} id={run.id}>
                <Swatch slot={slot} />
                {runLink(run, label)}
                {run.status !== "finished" && <StatusBadge status={run.status} />}
              </Item>
            ))}
          </ul>
          {children}
        </div>
      )}
    </>
  );
}

/** A run or a group whose lines come to the front in all charts while one points at it, and the other way round. */
function Item({ id, children }: { readonly id: string; readonly children: ReactNode }) {
  const isHighlighted = useIsHighlighted(id);
  return (
    <li data-highlighted={isHighlighted || undefined} {...singlingOut(useHighlight(), id)}>
      {children}
    </li>
  );
}

function Swatch({ slot }: { readonly slot: number }) {
  const dark = useDark();
  return (
    <svg width="16" height="8" aria-hidden="true">
      <path
        d="M0 4H16"
        stroke={lineColor(slot, dark)}
        strokeWidth="3"
        strokeDasharray={lineDash(slot).join(" ") || undefined}
      />
    </svg>
  );
}
