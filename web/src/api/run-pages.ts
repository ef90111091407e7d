/** The pages of a runs table: fetched as one scrolls, kept live without moving what one looks at. */

import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffectEvent, useMemo, useRef } from "react";
import { isQuery } from "#base/query-text.ts";
import { keys } from "./keys.ts";
import { useEventStream } from "./live.tsx";
import { getExactJson, projectPath } from "./request.ts";
import type { RunPage, RunRow } from "./types.ts";

const RUNS_PER_PAGE = 60;

export interface RunsQuery {
  /** Words to look for, or a query. */
  readonly search: string;
  /** Keys of the order, the one that counts most first. */
  readonly sort: readonly string[];
  /** Empty lets the server choose. */
  readonly columns: readonly string[];
  /** Points of series that are asked for besides, as the server's parameter `pick` names them. */
  readonly picks?: readonly string[];
  /** The runs in the trash instead of the others. */
  readonly trashed: boolean;
  /** The groups that the runs are in, as the server names them. */
  readonly within?: readonly string[];
}

export type RunPages = InfiniteData<RunPage, string | null>;

interface PageChoice {
  readonly cursor: string | null;
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

/** One page of the runs that `query` asks for. Whole numbers that no float64 holds come as their text. */
export function fetchRuns(project: string, query: RunsQuery, { cursor, limit, signal }: PageChoice): Promise<RunPage> {
  const question = {
    [isQuery(query.search) ? "query" : "search"]: query.search || null,
    sort: query.sort,
    column: query.columns,
    pick: query.picks,
    trashed: query.trashed ? "true" : null,
    within: query.within,
    limit,
    cursor,
  };
  return getExactJson<RunPage>(`${projectPath(project)}/runs`, question, signal);
}

/** The runs of `project`. `visible` says which rows are on the screen: only their pages are fetched again. */
export function useRunPages(project: string, query: RunsQuery, visible: () => readonly [number, number]) {
  const client = useQueryClient();
  const queryKey = keys.runs(project, query);
  const fetchPage = (cursor: string | null, signal?: AbortSignal) =>
    fetchRuns(project, query, { cursor, limit: RUNS_PER_PAGE, signal });
  const result = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.cursor,
    placeholderData: keepPreviousData,
    // A plain refetch would ask for every page that was ever scrolled past.
    refetchOnWindowFocus: false,
    staleTime: 30_000,
  });
  const busy = useRef(false);
  const again = useRef(false);
  const refresh = useEffectEvent(async () => {
    if (busy.current) {
      again.current = true;
      return;
    }
    busy.current = true;
    try {
      const held = client.getQueryData<RunPages>(queryKey);
      if (held !== undefined) {
        const next = await refreshedPages(held, visible(), fetchPage);
        client.setQueryData<RunPages>(queryKey, next);
      }
    } catch {
      // The live indicator already says that the server is away; the next event tries again.
    } finally {
      busy.current = false;
    }
    if (again.current) {
      again.current = false;
      void refresh();
    }
  });
  const rows = useMemo(() => uniqueRows(result.data?.pages ?? []), [result.data]);
  useEventStream<LiveRuns>(`${projectPath(project)}/live`, "runs", (event) => {
    // Lists that are not on the page, such as the trash, would be shown as they were.
    client.removeQueries({ queryKey: keys.allRuns(project), type: "inactive" });
    if (mayBeSeen(event?.run_ids ?? null, query, rows, visible())) void refresh();
  });
  return { ...result, rows, refresh };
}

/** Null stands for many runs. */
interface LiveRuns {
  readonly run_ids: readonly string[] | null;
}

/** Whether a change of the runs `ids` may change what is on the screen. */
export function mayBeSeen(
  ids: readonly string[] | null,
  { search, sort }: Pick<RunsQuery, "search" | "sort">,
  rows: readonly RunRow[],
  [from, to]: readonly [number, number],
): boolean {
  // By any other order, or under a search, a run that changes may move; one that is not loaded may be new.
  if (ids === null || search !== "" || sort.length !== 1 || !sort[0]?.endsWith("sys/creation_time")) return true;
  const places = new Map(rows.map(({ run }, index) => [run.id, index]));
  return ids.some((id) => {
    const place = places.get(id);
    return place === undefined || (place >= from && place <= to);
  });
}

/**
 * `held` with the pages of the `visible` rows, and the first one for its total, fetched anew.
 *
 * When other runs moved into the last visible page, what follows no longer fits; it is dropped and fetched when one
 * scrolls there.
 */
export async function refreshedPages(
  held: RunPages,
  visible: readonly [number, number],
  fetchPage: (cursor: string | null) => Promise<RunPage>,
): Promise<RunPages> {
  const pages = [...held.pages];
  const pageParams = [...held.pageParams];
  let start = 0;
  for (let index = 0; index < pages.length; index += 1) {
    const before = pages[index];
    if (before === undefined) break;
    const end = start + before.rows.length;
    const seen = start <= visible[1] && end > visible[0];
    if (seen || index === 0) {
      const page = await fetchPage(pageParams[index] ?? null);
      pages[index] = page;
      const next = index + 1;
      if (next < pages.length) pageParams[next] = page.cursor;
      const isLastSeen = end > visible[1];
      if (page.cursor === null || (isLastSeen && !hasSameRuns(page, before))) {
        pages.length = next;
        pageParams.length = next;
      }
    }
    start = end;
  }
  return { pages, pageParams };
}

function hasSameRuns(page: RunPage, before: RunPage): boolean {
  const ids = new Set(before.rows.map(({ run }) => run.id));
  return page.rows.length === ids.size && page.rows.every(({ run }) => ids.has(run.id));
}

/** Rows of all pages; a run that moved between two fetches is shown once. */
export function uniqueRows(pages: readonly RunPage[]): RunRow[] {
  const seen = new Set<string>();
  const rows: RunRow[] = [];
  for (const page of pages) {
    for (const row of page.rows) {
      if (seen.has(row.run.id)) continue;
      seen.add(row.run.id);
      rows.push(row);
    }
  }
  return rows;
}
