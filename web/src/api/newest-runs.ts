/** The newest runs of a project that match, kept up to date: new ones come, names and states change. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { keys } from "./keys.ts";
import { useRefreshWithRuns } from "./live-runs.ts";
import { fetchRuns } from "./run-pages.ts";

const REFETCH_PAUSE_MS = 3000;

/** The `most` newest runs; nothing is asked while `most` is 0. */
export function useNewestRuns(project: string, search: string, most: number) {
  const queryKey = keys.newestRuns(project, search, most);
  const query = { search, sort: ["-sys/creation_time"], columns: ["sys/state"], trashed: false };
  useRefreshWithRuns(project, queryKey, REFETCH_PAUSE_MS);
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const page = await fetchRuns(project, query, { cursor: null, limit: most, signal });
      return page.rows.map(({ run }) => run);
    },
    enabled: most > 0,
    placeholderData: keepPreviousData,
  });
}
