/** Searches whole logs by the server, the newest matches first. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { getJson, runPath } from "#api/request.ts";
import type { FoundPage } from "#api/types.ts";
import { type ConsoleLine, interleave, type Log, linesOfRows } from "./log.ts";

/** One answer looks at a bounded stretch; so many matches are enough to walk through before asking for more. */
const MATCHES_PER_PAGE = 1000;
const ASK_AGAIN_MS = 5000;

export interface SearchWords {
  readonly text: string;
  readonly regex: boolean;
}

interface FoundLogs {
  /** By the order of the paths. */
  readonly logs: readonly Log[];
  /** Where to look on in each; null at its start. */
  readonly cursors: readonly (string | null)[];
}

/** Matches in all of `paths`; those of a run that goes on are looked for again every few seconds. */
export function useConsoleSearch(runId: string, paths: readonly string[], words: SearchWords, goesOn: boolean) {
  const query = useInfiniteQuery({
    queryKey: ["run", runId, "console-search", paths, words.text, words.regex],
    queryFn: ({ pageParam, signal }) => findMore(runId, paths, words, pageParam, signal),
    initialPageParam: null as FoundLogs | null,
    getNextPageParam: (found) => (found.cursors.some((cursor) => cursor !== null) ? found : undefined),
    enabled: words.text !== "" && paths.length > 0,
    refetchInterval: goesOn ? ASK_AGAIN_MS : false,
    // The pages hold each other, so only the last one says anything.
    select: ({ pages }): ConsoleLine[] => {
      const found = pages.at(-1);
      return interleave((found?.logs ?? []).map((log, index) => ({ path: paths[index] ?? "", log })));
    },
    retry: false,
  });
  return {
    matches: words.text === "" ? [] : (query.data ?? []),
    more: query.hasNextPage ? query.fetchNextPage : null,
    isSearching: query.isFetching && query.data === undefined,
    error: query.error,
  };
}

async function findMore(
  runId: string,
  paths: readonly string[],
  words: SearchWords,
  held: FoundLogs | null,
  signal: AbortSignal,
): Promise<FoundLogs> {
  const found = await Promise.all(
    paths.map(async (path, index): Promise<[Log, string | null]> => {
      const before = held?.logs[index];
      let cursor = held === null ? null : (held.cursors[index] ?? null);
      if (before !== undefined && cursor === null) return [before, null];
      let lines = before?.lines ?? [];
      const wanted = lines.length + MATCHES_PER_PAGE;
      do {
        const question = {
          path,
          text: words.text,
          regex: words.regex ? 1 : null,
          from_end: 1,
          limit: MATCHES_PER_PAGE,
          cursor,
        };
        const page: FoundPage = await getJson<FoundPage>(`${runPath(runId)}/points/search`, question, signal);
        lines = [...linesOfRows(page.points).reverse(), ...lines];
        cursor = page.cursor;
      } while (cursor !== null && lines.length < wanted);
      const log = { lines, total: lines.length, position: 0, complete: cursor === null, ended: true };
      return [log, cursor];
    }),
  );
  return { logs: found.map(([log]) => log), cursors: found.map(([, cursor]) => cursor) };
}
