/** What a value was before it was set to others. */

import { useQuery } from "@tanstack/react-query";
import { keys } from "./keys.ts";
import { getExactJson, runPath } from "./request.ts";
import type { ValueHistory } from "./types.ts";

/** Asked for when it is looked at, and again when the run's attributes change. */
export function useValueHistory(runId: string, path: string) {
  return useQuery({
    queryKey: keys.valueHistory(runId, path),
    queryFn: ({ signal }) => getExactJson<ValueHistory>(`${runPath(runId)}/value/history`, { path }, signal),
  });
}
