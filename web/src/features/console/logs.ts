/** Loads a stretch of string series, the newest one at first, more of it on demand, and keeps its end live. */

import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { keys } from "#api/keys.ts";
import { useRunStream } from "#api/live.tsx";
import { fetchPoints } from "#api/queries.ts";
import { getJson, runPath } from "#api/request.ts";
import type { RunStream } from "#api/run-stream.ts";
import type { StepAt } from "#api/types.ts";
import {
  cutBehind,
  type LinePlace,
  type Log,
  linesOfLive,
  linesOfRows,
  trimmed,
  withEarlier,
  withFresh,
  withLater,
} from "./log.ts";

const LINES_PER_PAGE = 500;
/** What is far from where one reads is forgotten, and fetched again when one scrolls back. */
const TRIM_ABOVE = 40_000;
const TRIM_TO = 20_000;

export function useLogs(runId: string, paths: readonly string[], following: boolean, enabled = true) {
  const client = useQueryClient();
  const stream = useRunStream();
  const follows = useRef(following);
  follows.current = following;
  const names = paths.join("\n");
  useEffect(() => {
    const stops = (names === "" ? [] : names.split("\n")).map((path) => {
      const queryKey = keys.points(runId, path);
      const apply = () => {
        const held = client.getQueryData<Log>(queryKey);
        if (held === undefined) return;
        if (stream.isTooOld(path, held.position)) {
          if (held.ended) void client.invalidateQueries({ queryKey });
          return;
        }
        let log = held;
        for (const { position, series } of stream.after(path, held.position)) {
          log = withFresh(log, linesOfLive(series), position);
        }
        if (follows.current && log.lines.length > TRIM_ABOVE) log = trimmed(log, TRIM_TO);
        if (log !== held) client.setQueryData(queryKey, log);
      };
      apply();
      return stream.onPoints(path, apply);
    });
    return () => {
      for (const stop of stops) stop();
    };
  }, [client, stream, runId, names]);
  const results = useQueries({
    queries: paths.map((path) => ({
      queryKey: keys.points(runId, path),
      queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Log> => {
        await stream.begun();
        const page = await fetchPoints(runId, path, { tail: LINES_PER_PAGE }, signal);
        const lines = linesOfRows(page.points);
        const complete = lines.length >= page.total;
        const answer = { lines, total: page.total, position: page.position, complete, ended: true };
        return caughtUp(stream, path, answer);
      },
      staleTime: Number.POSITIVE_INFINITY,
      structuralSharing: false,
      enabled,
    })),
  });
  const loading = useRef(new Set<string>());
  /** Calls `load` with what is held of `path`, unless something of it is being loaded. */
  const grow = useCallback(
    async (path: string, load: (held: Log) => Promise<(now: Log) => Log>): Promise<void> => {
      const queryKey = keys.points(runId, path);
      const held = client.getQueryData<Log>(queryKey);
      if (held === undefined || loading.current.has(path)) return;
      loading.current.add(path);
      try {
        const change = await load(held);
        client.setQueryData<Log>(queryKey, (now) => (now === undefined ? now : change(now)));
      } finally {
        loading.current.delete(path);
      }
    },
    [client, runId],
  );
  const loadEarlier = (path: string) =>
    grow(path, async ({ lines, complete }) => {
      const first = lines[0]?.step;
      if (first === undefined || complete) return (now) => now;
      const page = await fetchPoints(runId, path, { last_step: first, tail: LINES_PER_PAGE + 1 });
      const earlier = linesOfRows(page.points);
      return (now) => {
        if (now.lines[0]?.step !== first) return now;
        const next = withEarlier(now, earlier, page.points.length <= LINES_PER_PAGE);
        return next.lines.length > TRIM_ABOVE && !follows.current ? cutBehind(next, TRIM_TO) : next;
      };
    });
  const loadLater = (path: string) =>
    grow(path, async ({ lines, ended }) => {
      const last = lines.at(-1)?.step;
      if (last === undefined || ended) return (now) => now;
      const page = await fetchPoints(runId, path, { first_step: last, limit: LINES_PER_PAGE + 1 });
      return (now) => {
        if (now.lines.at(-1)?.step !== last) return now;
        const grown = { ...withLater(now, linesOfRows(page.points), page.cursor === null), position: page.position };
        const next = caughtUp(stream, path, grown);
        return next.lines.length > TRIM_ABOVE ? trimmed(next, TRIM_TO) : next;
      };
    });
  /** Load the stretches around one line in place of what is loaded. False if there is no such line. */
  const showAround = async ({ path, step }: LinePlace): Promise<boolean> => {
    await stream.begun();
    const target = await fetchAround(runId, path, step);
    const line = target.lines.find((one) => one.step === step);
    if (line === undefined) return false;
    const others = paths.filter((other) => other !== path);
    const logs = await Promise.all(
      others.map(async (other) => {
        const at = await getJson<StepAt>(`${runPath(runId)}/points/step`, { path: other, time: Math.floor(line.time) });
        return fetchAround(runId, other, at.step ?? Number.POSITIVE_INFINITY);
      }),
    );
    [path, ...others].forEach((one, index) => {
      const log = index === 0 ? target : logs[index - 1];
      if (log !== undefined) client.setQueryData<Log>(keys.points(runId, one), caughtUp(stream, one, log));
    });
    return true;
  };
  /** Load the first lines, or the last ones, in place of what is loaded. */
  const showEnd = async (first: boolean): Promise<void> => {
    const step = first ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    const logs = await Promise.all(paths.map((path) => fetchAround(runId, path, step)));
    paths.forEach((path, index) => {
      const held = client.getQueryData<Log>(keys.points(runId, path));
      if (first ? held?.complete : held?.ended) return;
      const log = logs[index];
      if (log !== undefined) client.setQueryData<Log>(keys.points(runId, path), caughtUp(stream, path, log));
    });
  };
  return { results, loadEarlier, loadLater, showAround, showEnd };
}

/** `log` with what was heard of its series while it was on its way. */
function caughtUp(stream: RunStream, path: string, log: Log): Log {
  const late = stream.isTooOld(path, log.position) ? [] : stream.after(path, log.position);
  return late.reduce((held, { position, series }) => withFresh(held, linesOfLive(series), position), log);
}

/** A page before `step` and a page from it on; an infinite step is an end of the series. */
async function fetchAround(runId: string, path: string, step: number): Promise<Log> {
  const [before, from] = await Promise.all([
    step === Number.NEGATIVE_INFINITY
      ? null
      : fetchPoints(runId, path, { tail: LINES_PER_PAGE, ...(Number.isFinite(step) ? { last_step: step } : {}) }),
    step === Number.POSITIVE_INFINITY
      ? null
      : fetchPoints(runId, path, { limit: LINES_PER_PAGE, ...(Number.isFinite(step) ? { first_step: step } : {}) }),
  ]);
  const earlier = before === null ? [] : linesOfRows(before.points);
  const last = earlier.at(-1)?.step ?? Number.NEGATIVE_INFINITY;
  const later = from === null ? [] : linesOfRows(from.points).filter((line) => line.step > last);
  return {
    lines: [...earlier, ...later],
    total: before?.total ?? from?.total ?? 0,
    // The older of the two: what came in between is heard of, or asked for again.
    position: Math.min(before?.position ?? Number.POSITIVE_INFINITY, from?.position ?? Number.POSITIVE_INFINITY),
    complete: before === null || before.points.length < LINES_PER_PAGE,
    ended: from === null || from.cursor === null,
  };
}
