/** What chart panels ask the server, as hooks over the query cache. */

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef } from "react";
import { type Buckets, bucketsOf, COLUMN_NAMES, columnsFrom } from "#base/buckets.ts";
import { CROSS_NAMES, type CrossColumns, GROUP_NAMES, type GroupColumns } from "#base/chart-columns.ts";
import type { Beside, SeriesRange } from "#base/series-range.ts";
import type { ChartLoader, ChartQuestion } from "./chart-loader.ts";
import { decodeTables } from "./columns.ts";
import { COMPARISON_KEYS, keys } from "./keys.ts";
import { useEventStream, useStreamIfAny } from "./live.tsx";
import { useApi } from "./provider.tsx";
import { projectPath } from "./request.ts";
import type { RunStream } from "./run-stream.ts";

/** From here on the server's buckets are both smaller and quicker to draw than more raw points. */
const MAX_APPENDED = 1500;
/** Raw points behind buckets of many look wilder than they are, so they may fill only the last pixels. */
const MAX_APPENDED_BEHIND_BUCKETS = 150;
const REFETCH_PAUSE_MS = 1000;

/** What a panel draws: a line for each run that has the series, or for each group, by what names it. */
export interface ChartData {
  readonly buckets: ReadonlyMap<string, Buckets>;
  readonly crossed: ReadonlyMap<string, CrossColumns>;
  readonly groups: ReadonlyMap<string, GroupColumns>;
}

export interface ChartRequest {
  readonly runIds: readonly string[];
  readonly path: string;
  readonly range: SeriesRange | null;
  /** What comes along from beside the range. */
  readonly beside: Beside;
  readonly maxBuckets: number;
  /** The series that is the x axis; null for steps and times. */
  readonly over: string | null;
  /** Names of groups and their runs; null draws each run. */
  readonly groups: ReadonlyMap<string, readonly string[]> | null;
}

const NOTHING: ChartData = { buckets: new Map(), crossed: new Map(), groups: new Map() };

/** What the panel of `request` draws. Live, if the page has a stream of the one run, or a `useLiveComparison`. */
export function useChart(request: ChartRequest) {
  const { charts } = useApi();
  const stream = useStreamIfAny();
  const { runIds, path, range, over, groups } = request;
  const beside = range === null ? null : request.beside;
  const [only] = runIds;
  const live = stream !== null && runIds.length === 1 && over === null && groups === null ? stream : null;
  const followed = live !== null && only !== undefined && live.runId === only ? live : null;
  const queryKey =
    followed === null ? keys.chart(questionOf(request)) : keys.buckets(followed.runId, path, range, beside);
  useCatchUp(followed, path, range, beside);
  return useQuery({
    queryKey: groups === null ? queryKey : [...queryKey, [...groups]],
    queryFn: () => (followed === null ? fetchChart(charts, request) : fetchFollowed(charts, followed, request)),
    staleTime: followed === null ? 30_000 : Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    structuralSharing: false,
    placeholderData: keepPreviousData,
  });
}

export function questionOf({ runIds, path, range, beside, maxBuckets, over, groups }: ChartRequest): ChartQuestion {
  const of = groups !== null ? "groups" : over !== null ? "crossed" : "buckets";
  const common = { of, runIds, path, range, maxBuckets, over: over ?? undefined } as const;
  return of === "buckets" && range !== null ? { ...common, beside } : common;
}

/** What the panel of `request` draws, as the server has it now. */
export async function fetchChart(loader: ChartLoader, request: ChartRequest): Promise<ChartData> {
  const question = questionOf(request);
  const { path } = question;
  if (request.groups !== null) {
    const fetched = await Promise.all(
      [...request.groups].map(async ([name, runIds]) => {
        const bodies = await loader.load({ ...question, runIds });
        const tables = bodies.flatMap((body) => decodeTables(body, GROUP_NAMES));
        return [name, tables.find((table) => table.path === path)?.columns] as const;
      }),
    );
    return { ...NOTHING, groups: new Map(fetched.flatMap(([name, group]) => (group ? [[name, group]] : []))) };
  }
  const bodies = await loader.load(question);
  if (question.of === "crossed") {
    const tables = bodies.flatMap((body) => decodeTables(body, CROSS_NAMES)).filter((table) => table.path === path);
    return { ...NOTHING, crossed: new Map(tables.map(({ runId, columns }) => [runId ?? "", columns])) };
  }
  const tables = bodies.flatMap((body) => decodeTables(body, COLUMN_NAMES)).filter((table) => table.path === path);
  const series = tables.map(
    ({ runId, rows, position, columns }) => [runId ?? "", bucketsOf(columns, rows, position)] as const,
  );
  return { ...NOTHING, buckets: new Map(series) };
}

/** As `fetchChart`, with what `stream` has brought since; a series that does not exist yet is empty. */
async function fetchFollowed(loader: ChartLoader, stream: RunStream, request: ChartRequest): Promise<ChartData> {
  await stream.begun();
  const { path, range } = request;
  const tables = (await loader.load(questionOf(request))).flatMap((body) => decodeTables(body, COLUMN_NAMES));
  const table = tables.find((each) => each.path === path);
  const columns = table?.columns ?? columnsFrom(() => new Float64Array(0));
  const found = bucketsOf(columns, table?.rows ?? 0, tables[0]?.position ?? 0);
  return ofOneRun(stream.runId, stream.catchUp(path, found, range).buckets);
}

function ofOneRun(runId: string, buckets: Buckets): ChartData {
  return { ...NOTHING, buckets: new Map([[runId, buckets]]) };
}

/** Puts each new point of the run that the page shows into the cache. */
function useCatchUp(stream: RunStream | null, path: string, range: SeriesRange | null, beside: Beside | null): void {
  const client = useQueryClient();
  const { by = "step", first = null, last = null } = range ?? {};
  const { before = null, after = null } = beside ?? {};
  useEffect(() => {
    if (stream === null) return undefined;
    const shown = first === null || last === null ? null : { by, first, last };
    const queryKey = keys.buckets(
      stream.runId,
      path,
      shown,
      before === null || after === null ? null : { before, after },
    );
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refetchSoon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey, exact: true });
      }, REFETCH_PAUSE_MS);
    };
    const apply = () => {
      const held = client.getQueryData<ChartData>(queryKey)?.buckets.get(stream.runId);
      if (held === undefined) return;
      const { outcome, buckets } = stream.catchUp(path, held, shown);
      if (buckets !== held) client.setQueryData(queryKey, ofOneRun(stream.runId, buckets));
      const limit = (buckets.columns.count[0] ?? 1) > 1 ? MAX_APPENDED_BEHIND_BUCKETS : MAX_APPENDED;
      if (outcome === "stale" || buckets.appended > limit) refetchSoon();
    };
    apply();
    const stopListening = stream.onPoints(path, apply);
    return () => {
      stopListening();
      clearTimeout(timer);
    };
  }, [client, stream, path, by, first, last, before, after]);
}

/** Null stands for many runs. */
interface LiveRuns {
  readonly run_ids: readonly string[] | null;
}

/** Between two looks the server rests so many times as long as the first took, within these bounds. */
const REST_RATIO = 3;
const SHORTEST_REST_MS = 250;
const LONGEST_REST_MS = 2000;
/** Attributes and the runs themselves change less often than lines, and are more to fetch. */
const ALL_EVERY_MS = 5000;

/** Fetches what a comparison of `runIds` shows anew when those runs have logged something, but not all the time. */
export function useLiveComparison(project: string, runIds: readonly string[]): void {
  const client = useQueryClient();
  const state = useRef({ busy: false, again: false, allAt: Number.NEGATIVE_INFINITY });
  const renew = useEffectEvent(async () => {
    const now = state.current;
    if (now.busy) {
      now.again = true;
      return;
    }
    now.busy = true;
    now.again = false;
    const began = performance.now();
    if (began - now.allAt >= ALL_EVERY_MS) {
      now.allAt = began;
      // Lines do not wait for these.
      for (const key of COMPARISON_KEYS) void client.invalidateQueries({ queryKey: [key] });
    }
    await client.invalidateQueries({ queryKey: ["chart"] });
    const rest = Math.max(SHORTEST_REST_MS, Math.min((performance.now() - began) * REST_RATIO, LONGEST_REST_MS));
    setTimeout(() => {
      now.busy = false;
      if (now.again) void renew();
    }, rest);
  });
  useEventStream<LiveRuns>(`${projectPath(project)}/live`, "runs", (event) => {
    const changed = event?.run_ids ?? null;
    if (changed === null || changed.some((id) => runIds.includes(id))) void renew();
  });
}
