/** The pictures of one attribute in order of step, live. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { keys } from "#api/keys.ts";
import { useRunStream } from "#api/live.tsx";
import { fetchPoints } from "#api/queries.ts";
import type { AttributeInfo, File, LiveSeries } from "#api/types.ts";

export interface Frame {
  /** Null for a single file. */
  readonly step: number | null;
  readonly file: File;
}

/** The newest are what one looks at; a slider over more than this could not be aimed. */
const MAX_FRAMES = 10_000;

interface Frames {
  readonly frames: readonly Frame[];
  readonly position: number;
}

export function useFrames(runId: string, attribute: AttributeInfo, enabled: boolean) {
  const client = useQueryClient();
  const stream = useRunStream();
  const { path, kind, file } = attribute;
  const isSeries = kind === "file_series";
  useEffect(() => {
    if (!isSeries) return undefined;
    const queryKey = keys.points(runId, path);
    return stream.onPoints(path, () => {
      const held = client.getQueryData<Frames>(queryKey);
      if (held === undefined) return;
      if (stream.isTooOld(path, held.position)) {
        void client.invalidateQueries({ queryKey });
        return;
      }
      let next = held;
      for (const { position, series } of stream.after(path, held.position)) next = withFrames(next, series, position);
      if (next !== held) client.setQueryData(queryKey, next);
    });
  }, [client, stream, runId, path, isSeries]);
  const query = useQuery({
    queryKey: keys.points(runId, path),
    queryFn: async ({ signal }): Promise<Frames> => {
      await stream.begun();
      const page = await fetchPoints(runId, path, { tail: MAX_FRAMES }, signal);
      const frames = page.points.flatMap(({ step, file: point }) => (point ? [{ step, file: point }] : []));
      return { frames, position: page.position };
    },
    enabled: isSeries && enabled,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (isSeries) return { frames: query.data?.frames ?? [], error: query.error, isPending: query.isPending };
  return { frames: file ? [{ step: null, file }] : [], error: null, isPending: false };
}

/** The newest of `frames` that is not after `step`; the newest of all without a step, or of a single file. */
export function frameAt(frames: readonly Frame[], step: number | undefined): Frame | undefined {
  if (step === undefined) return frames.at(-1);
  let found: Frame | undefined;
  for (const frame of frames) if (frame.step === null || frame.step <= step) found = frame;
  return found;
}

/** `held` with the new points of `series`; the last write of a step wins. */
export function withFrames(held: Frames, series: LiveSeries, position: number): Frames {
  const bySteps = new Map(held.frames.map((frame) => [frame.step, frame]));
  series.values.forEach((value, index) => {
    const step = series.steps[index];
    if (typeof value === "object" && "sha256" in value && step !== undefined) bySteps.set(step, { step, file: value });
  });
  const frames = [...bySteps.values()].sort((a, b) => (a.step ?? 0) - (b.step ?? 0)).slice(-MAX_FRAMES);
  return { frames, position };
}
