/** Groups of runs that have the same at some paths, as pages; live. */

import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef } from "react";
import { isQuery } from "#base/query-text.ts";
import { useEventStream } from "./live.tsx";
import { getJson, projectPath } from "./request.ts";
import type { RunGroupPage } from "./types.ts";

const GROUPS_PER_PAGE = 100;
/** Every change of a run may move it between groups; they are counted anew at most this often. */
const REFETCH_PAUSE_MS = 2000;

export interface GroupsQuery {
  readonly search: string;
  readonly by: readonly string[];
  /** Paths, or aggregates of series, to average over each group. */
  readonly measures: readonly string[];
  /** `count`, `key` or `mean`, which is that of the first measure; a `-` in front puts the largest first. */
  readonly sort: string;
}

export function useRunGroups(project: string, query: GroupsQuery) {
  const client = useQueryClient();
  const queryKey = ["run-groups", project, query] as const;
  const result = useInfiniteQuery<RunGroupPage, Error, InfiniteData<RunGroupPage>, typeof queryKey, string | null>({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      getJson<RunGroupPage>(
        `${projectPath(project)}/groups`,
        {
          by: query.by,
          measure: query.measures,
          sort: query.sort,
          [isQuery(query.search) ? "query" : "search"]: query.search || null,
          limit: GROUPS_PER_PAGE,
          cursor: pageParam,
        },
        signal,
      ),
    initialPageParam: null,
    getNextPageParam: (page) => page.cursor,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  });
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const refresh = useEffectEvent(() => void client.invalidateQueries({ queryKey }));
  useEventStream(`${projectPath(project)}/live`, "runs", () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      refresh();
    }, REFETCH_PAUSE_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return result;
}
