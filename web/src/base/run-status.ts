/** How a run can stand, and how long it has run. */

export type RunStatus = "running" | "finished" | "failed" | "crashed" | "stopped" | "stalled";

/** Milliseconds from start to end; to `now` while it runs, to the last sign of life when it has gone silent. */
export function runDuration(
  run: { status: RunStatus; created_at: number; ended_at: number | null; heard_at: number },
  now: number,
): number {
  if (run.ended_at !== null) return Math.max(0, run.ended_at - run.created_at);
  const end = run.status === "running" ? now : run.heard_at;
  return Math.max(0, end - run.created_at);
}
