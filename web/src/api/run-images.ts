/** Images that several runs have at one path, as a hook over the query cache. */

import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { keys } from "./keys.ts";
import { ApiError, getJson, runPath } from "./request.ts";
import type { AttributeInfo, File, PointPage } from "./types.ts";

export interface RunImage {
  /** Null for a file that is no point of a series. */
  readonly step: number | null;
  readonly file: File;
}

/** Images of more runs are more than one can look at side by side. */
export const MOST_IMAGE_RUNS = 24;
const MOST_IMAGES = 10_000;

export interface ImagesOfRuns {
  /** By run id, in order of step; a run that has none is left out. */
  readonly images: ReadonlyMap<string, readonly RunImage[]>;
  readonly isPending: boolean;
  readonly error: Error | null;
}

/** The images of each of the first runs at `path`, of a series the newest ten thousand; nothing is asked without a path. */
export function useImages(runIds: readonly string[], path: string): ImagesOfRuns {
  const asked = path === "" ? [] : runIds.slice(0, MOST_IMAGE_RUNS);
  const results = useQueries({
    queries: asked.map((runId) => ({
      queryKey: keys.images(runId, path),
      queryFn: ({ signal }: { signal: AbortSignal }) => fetchImages(runId, path, signal),
      staleTime: 30_000,
      retry: false,
    })),
  });
  const state = results.map(({ dataUpdatedAt }) => dataUpdatedAt).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: every render has a new list of the same answers.
  const images = useMemo(
    () =>
      new Map(asked.flatMap((runId, at) => (results[at]?.data?.length ? [[runId, results[at].data] as const] : []))),
    [state, asked.join(), path],
  );
  return {
    images,
    isPending: results.some(({ isPending }) => isPending),
    error: results.find(({ error }) => error !== null)?.error ?? null,
  };
}

async function fetchImages(runId: string, path: string, signal: AbortSignal): Promise<RunImage[]> {
  const attribute = await attributeAt(runId, path, signal);
  if (attribute?.file != null) return onlyImages([{ step: null, file: attribute.file }]);
  if (attribute?.kind !== "file_series") return [];
  const page = await getJson<PointPage>(`${runPath(runId)}/points`, { path, tail: MOST_IMAGES }, signal);
  return onlyImages(page.points.flatMap(({ step, file }) => (file == null ? [] : [{ step, file }])));
}

async function attributeAt(runId: string, path: string, signal: AbortSignal): Promise<AttributeInfo | null> {
  try {
    return await getJson<AttributeInfo>(`${runPath(runId)}/attribute`, { path }, signal);
  } catch (error) {
    // Other runs have it.
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

function onlyImages(found: RunImage[]): RunImage[] {
  return found.filter(({ file }) => file.media_type.startsWith("image/"));
}
