/** What two runs have that can be read as text, as hooks over the query cache: found and paired by the server. */

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { keys } from "./keys.ts";
import { getExactJson, getJson, type Query, runPath } from "./request.ts";
import type { PointPage, TextPair, TextPairList, ValuePairList } from "./types.ts";

const PAIRS_PER_PAGE = 200;
const STALE_MS = 30_000;

/** Ids of the run before and of the one after. */
export type TwoRuns = readonly [before: string, after: string];

interface PairList<Pair> {
  readonly pairs: readonly Pair[];
  readonly pair_count: number;
}

/** Pairs that `search` finds, as many as were asked for so far; `first` is the first answer, which tells of all. */
function usePairs<Pair, List extends PairList<Pair>>(
  queryKey: readonly unknown[],
  [before, after]: TwoRuns,
  part: string,
  search: string,
) {
  const { data, ...query } = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => {
      const question: Query = { baseline: before, search: search || null, start: pageParam, limit: PAIRS_PER_PAGE };
      return getExactJson<List>(`${runPath(after)}/${part}`, question, signal);
    },
    initialPageParam: 0,
    getNextPageParam: (last, _, start) =>
      start + PAIRS_PER_PAGE < last.pair_count ? start + PAIRS_PER_PAGE : undefined,
    placeholderData: keepPreviousData,
    staleTime: STALE_MS,
  });
  const pairs = useMemo<readonly Pair[]>(() => data?.pages.flatMap((page) => page.pairs) ?? [], [data]);
  return { ...query, pairs, first: data?.pages[0] };
}

/** Texts that at least one of the two has. */
export function useTextPairs(runs: TwoRuns, search: string) {
  return usePairs<TextPair, TextPairList>(keys.textPairs(runs, search), runs, "texts", search);
}

/** Values in which the two differ. */
export function useValuePairs(runs: TwoRuns, search: string) {
  return usePairs<ValuePairList["pairs"][number], ValuePairList>(
    keys.valuePairs(runs, search),
    runs,
    "texts/values",
    search,
  );
}

/** The text `name` of the two; nothing is asked while `held` says it already, or there is no name. */
export function useTextPair(runs: TwoRuns, name: string | undefined, held: TextPair | undefined) {
  const [before, after] = runs;
  const { data, error } = useQuery({
    queryKey: keys.textPair(runs, name ?? ""),
    queryFn: ({ signal }) => getJson<TextPair>(`${runPath(after)}/texts/one`, { baseline: before, name }, signal),
    enabled: name !== undefined && held === undefined,
    staleTime: STALE_MS,
    retry: false,
  });
  return held === undefined ? { pair: name === undefined ? undefined : data, error } : { pair: held, error: null };
}

/** Lines of a console that are compared: its end, where a run that fails says why. */
export const LAST_LINES = 5000;

/** The last lines of a series of texts, as one text; nothing is asked without a path. */
export function useLastLines(runId: string, path: string | null) {
  return useQuery({
    queryKey: keys.lastLines(runId, path ?? ""),
    queryFn: async ({ signal }) => {
      const question = { path: path ?? "", tail: LAST_LINES };
      const page = await getJson<PointPage>(`${runPath(runId)}/points`, question, signal);
      return page.points.map(({ value }) => String(value ?? "")).join("\n");
    },
    enabled: path !== null,
    staleTime: STALE_MS,
  });
}
