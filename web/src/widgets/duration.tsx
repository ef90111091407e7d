/** How long a run took; counts on while it runs. */

import { type RunStatus, runDuration } from "#base/run-status.ts";
import { formatDuration } from "#base/time.ts";
import { useNow } from "./now.ts";

export interface TimedRun {
  readonly status: RunStatus;
  readonly created_at: number;
  readonly ended_at: number | null;
  readonly heard_at: number;
}

export function Duration({ run }: { readonly run: TimedRun }) {
  const now = useNow(run.status === "running" ? 1000 : null);
  return <span>{formatDuration(runDuration(run, now))}</span>;
}
