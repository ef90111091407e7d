/** Loads the newest lines of string series, earlier ones on demand, and keeps them live. */

import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { keys } from "#api/keys.ts";
import { useRunStream } from "#api/live.tsx";
import { fetchPoints } from "#api/queries.ts";
import { type Log, linesOfLive, linesOfRows, trimmed, withEarlier, withFresh } from "./log.ts";

const LINES_PER_PAGE = 500;
/** Trimming happens only while one follows the end, and leaves enough to scroll back. */
const TRIM_ABOVE = 40_000;
const TRIM_TO = 20_000;

export function useLogs(runId: string, paths: readonly string[], following: boolean) {
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
        if (stream.isTooOld(held.position)) {
          void client.invalidateQueries({ queryKey });
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
        const answer = { lines, total: page.total, position: page.position, complete: lines.length >= page.total };
        const late = stream.isTooOld(page.position) ? [] : stream.after(path, page.position);
        return late.reduce((log: Log, { position, series }) => withFresh(log, linesOfLive(series), position), answer);
      },
      staleTime: Number.POSITIVE_INFINITY,
      structuralSharing: false,
    })),
  });
  const loading = useRef(new Set<string>());
  const loadEarlier = useCallback(
    async (path: string): Promise<void> => {
      const queryKey = keys.points(runId, path);
      const held = client.getQueryData<Log>(queryKey);
      const first = held?.lines[0]?.step;
      if (held === undefined || first === undefined || held.complete || loading.current.has(path)) return;
      loading.current.add(path);
      try {
        const page = await fetchPoints(runId, path, { last_step: first, tail: LINES_PER_PAGE + 1 });
        const reachesStart = page.points.length <= LINES_PER_PAGE;
        const earlier = linesOfRows(page.points);
        client.setQueryData<Log>(queryKey, (now) =>
          now === undefined ? now : withEarlier(now, earlier, reachesStart),
        );
      } finally {
        loading.current.delete(path);
      }
    },
    [client, runId],
  );
  return { results, loadEarlier };
}
