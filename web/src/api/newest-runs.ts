/** The newest runs of a project that match, kept up to date: new ones come, names and states change. */

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef } from "react";
import { keys } from "./keys.ts";
import { useEventStream } from "./live.tsx";
import { projectPath } from "./request.ts";
import { fetchRuns } from "./run-pages.ts";

const REFETCH_PAUSE_MS = 3000;

/** The `most` newest runs; nothing is asked while `most` is 0. */
export function useNewestRuns(project: string, search: string, most: number) {
  const client = useQueryClient();
  const queryKey = keys.newestRuns(project, search, most);
  const query = { search, sort: ["-sys/creation_time"], columns: ["sys/state"], trashed: false };
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const refresh = useEffectEvent(() => void client.invalidateQueries({ queryKey }));
  useEventStream(`${projectPath(project)}/live`, "runs", () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      refresh();
    }, REFETCH_PAUSE_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
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
