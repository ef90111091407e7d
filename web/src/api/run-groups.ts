/** Groups of runs that have the same at a path, and the runs inside them, as pages; live. */

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { isQuery } from "#base/query-text.ts";
import { keys } from "./keys.ts";
import { useRefreshWithRuns } from "./live-runs.ts";
import { getJson, projectPath } from "./request.ts";
import { fetchRuns, type RunsQuery } from "./run-pages.ts";
import type { RunGroupPage, RunPage } from "./types.ts";

const GROUPS_PER_PAGE = 100;
const RUNS_PER_PAGE = 50;
/** Every change of a run may move it between groups; they are counted anew at most this often. */
const REFETCH_PAUSE_MS = 2000;
const VALUES_STALE_MS = 30_000;

export interface GroupsQuery {
  readonly search: string;
  /** A path, or what stands for a series. */
  readonly by: string;
  /** The groups that these are inside of, each as `groupParameter` writes it. */
  readonly within: readonly string[];
  /** Paths, or aggregates of series, to average over each group. */
  readonly measures: readonly string[];
  /** `count`, `key` or `mean`, which is that of the first measure; a `-` in front puts the largest first. */
  readonly sort: string;
}

/** A group as the server's parameter `within` names it. */
export function groupParameter(by: string, key: unknown): string {
  return JSON.stringify([by, key]);
}

/** The groups on one level. They are as live as `useLiveGroups` keeps them. */
export function useRunGroups(project: string, query: GroupsQuery) {
  return useInfiniteQuery({
    queryKey: [...keys.allGroups(project), query],
    queryFn: ({ pageParam, signal }) =>
      getJson<RunGroupPage>(
        `${projectPath(project)}/groups`,
        {
          by: [query.by],
          within: query.within,
          measure: query.measures,
          sort: query.sort,
          [isQuery(query.search) ? "query" : "search"]: query.search || null,
          limit: GROUPS_PER_PAGE,
          cursor: pageParam,
        },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.cursor,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  });
}

/** The runs inside a group. They are as live as `useLiveGroups` keeps them. */
export function useRunsOfGroup(project: string, query: RunsQuery) {
  return useInfiniteQuery({
    queryKey: [...keys.allGroups(project), "runs", query],
    queryFn: ({ pageParam, signal }): Promise<RunPage> =>
      fetchRuns(project, query, { cursor: pageParam, limit: RUNS_PER_PAGE, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.cursor,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  });
}

/** Strings that runs of a project have at `path`, or in sets there: those of most runs, the most frequent first. */
export function useValues(project: string, path: string, enabled: boolean): readonly string[] {
  const { data } = useQuery({
    queryKey: [...keys.allGroups(project), "values", path],
    queryFn: ({ signal }) =>
      getJson<RunGroupPage>(
        `${projectPath(project)}/groups`,
        { by: [path], sort: "-count", limit: GROUPS_PER_PAGE },
        signal,
      ),
    enabled,
    staleTime: VALUES_STALE_MS,
  });
  const found = (data?.groups ?? []).flatMap(({ keys: [key] }) => (Array.isArray(key) ? key : [key]));
  return [...new Set(found.filter((one): one is string => typeof one === "string" && one !== ""))];
}

/** Fetch all that is shown of a project's groups again when its runs change: one stream, however many are open. */
export function useLiveGroups(project: string): void {
  useRefreshWithRuns(project, keys.allGroups(project), REFETCH_PAUSE_MS);
}
