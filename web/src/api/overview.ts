/** A run on one page, as a hook over the query cache. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { keys } from "./keys.ts";
import { getExactJson, runPath } from "./request.ts";
import type { Overview } from "./types.ts";

const RENEW_MS = 3000;

/** What a run was given and what came out; of one that goes on renewed every few seconds. */
export function useOverview(runId: string, isLive: boolean) {
  return useQuery({
    queryKey: keys.overview(runId),
    queryFn: ({ signal }) => getExactJson<Overview>(`${runPath(runId)}/overview`, {}, signal),
    placeholderData: keepPreviousData,
    refetchInterval: isLive ? RENEW_MS : false,
  });
}
