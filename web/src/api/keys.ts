/** Keys of the query cache. Every key of a run begins alike, so that a run can be forgotten at once. */

import type { StepRange } from "./bucket-loader.ts";

export const keys = {
  session: () => ["session"] as const,
  projects: () => ["projects"] as const,
  runs: (project: string, search: string, sort: string, columns: readonly string[]) =>
    ["runs", project, search, sort, columns] as const,
  columns: (project: string, search: string) => ["columns", project, search] as const,
  run: (project: string, key: string) => ["run-by-key", project, key] as const,
  parent: (runId: string) => ["run", runId, "parent"] as const,
  attributes: (runId: string) => ["run", runId, "attributes"] as const,
  buckets: (runId: string, path: string, range: StepRange | null) =>
    ["run", runId, "buckets", path, range?.first ?? null, range?.last ?? null] as const,
  points: (runId: string, path: string) => ["run", runId, "points", path] as const,
  text: (runId: string, path: string, sha256: string) => ["run", runId, "text", path, sha256] as const,
};
