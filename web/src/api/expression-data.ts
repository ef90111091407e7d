/** The series that expressions are made of, as a hook over the query cache. */

import { keepPreviousData, useQueries } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useMemo } from "react";
import type { Buckets } from "#base/buckets.ts";
import type { Beside, SeriesRange } from "#base/series-range.ts";
import { fetchChart, questionOf } from "./charts.ts";
import { keys } from "./keys.ts";
import { useStreamIfAny } from "./live.tsx";
import { useApi } from "./provider.tsx";

interface SeriesRequest {
  readonly runIds: readonly string[];
  readonly paths: readonly string[];
  readonly range: SeriesRange | null;
  readonly beside: Beside;
  readonly maxBuckets: number;
}

/** By run id, then path. */
export type SeriesOfRuns = ReadonlyMap<string, ReadonlyMap<string, Buckets>>;

/** Several series are put together anew at once, so new points come in turns and not one by one. */
const RENEW_MS = 2000;

/** Buckets of the series at `paths` of each run. Where a run is followed, they are fetched anew when it logs. */
export function useSeriesOf({ runIds, paths, range, beside, maxBuckets }: SeriesRequest) {
  const { charts } = useApi();
  const stream = useStreamIfAny();
  const results = useQueries({
    queries: paths.map((path) => {
      const request = { runIds, path, range, beside, maxBuckets, over: null, groups: null };
      return {
        queryKey: keys.chart(questionOf(request)),
        queryFn: () => fetchChart(charts, request),
        staleTime: 30_000,
        gcTime: 60_000,
        structuralSharing: false,
        placeholderData: keepPreviousData,
      };
    }),
  });
  const renew = useEffectEvent(() => {
    for (const { refetch } of results) void refetch({ cancelRefetch: false });
  });
  const names = paths.join("\n");
  useEffect(() => {
    if (stream === null) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const renewSoon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        renew();
      }, RENEW_MS);
    };
    const stops = names.split("\n").map((path) => stream.onPoints(path, renewSoon));
    return () => {
      for (const stop of stops) stop();
      clearTimeout(timer);
    };
  }, [stream, names]);
  const state = results.map(({ dataUpdatedAt, isPlaceholderData }) => `${dataUpdatedAt} ${isPlaceholderData}`).join();
  const isPending = results.some(({ isPending: pending }) => pending);
  // biome-ignore lint/correctness/useExhaustiveDependencies: every render has a new list of the same answers.
  const data = useMemo((): SeriesOfRuns | null => {
    if (isPending) return null;
    const found = new Map<string, Map<string, Buckets>>(runIds.map((id) => [id, new Map()]));
    paths.forEach((path, at) => {
      for (const [runId, buckets] of results[at]?.data?.buckets ?? []) found.get(runId)?.set(path, buckets);
    });
    return found;
  }, [state, isPending, runIds.join(), names]);
  return {
    data,
    error: results.find(({ error }) => error !== null)?.error ?? null,
    isFetching: results.some(({ isFetching }) => isFetching),
    refetch: () => Promise.all(results.map(({ refetch }) => refetch())),
  };
}
