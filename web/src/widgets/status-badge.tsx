/** How a run stands, as a coloured dot and a word: never by colour alone. */

import type { RunStatus } from "#base/run-status.ts";
import styles from "./status-badge.module.css";

const LABELS: Readonly<Record<RunStatus, string>> = {
  running: "Running",
  finished: "Finished",
  failed: "Failed",
  crashed: "Crashed",
  stopped: "Stopped",
  stalled: "Stalled",
};

const MEANINGS: Readonly<Record<RunStatus, string>> = {
  running: "The run is logging.",
  finished: "The run ended by itself.",
  failed: "The run ended with an error.",
  crashed: "The process died without saying goodbye.",
  stopped: "Somebody stopped the run.",
  stalled: "Nothing has been heard of the run for a while.",
};

export function StatusBadge({ status }: { readonly status: RunStatus }) {
  return (
    <span className={styles.badge} data-testid="run-status" data-status={status} title={MEANINGS[status]}>
      <span className={styles.dot} aria-hidden="true" />
      {LABELS[status]}
    </span>
  );
}
