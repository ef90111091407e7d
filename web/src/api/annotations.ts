/** Texts that are pinned to steps of runs, as hooks over the query cache. They are attributes: `annotations/1200`. */

import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { keys } from "./keys.ts";
import { getJson, runPath } from "./request.ts";
import { editRun } from "./run-edits.ts";
import type { AttributePage } from "./types.ts";

export interface Annotation {
  readonly step: number;
  readonly text: string;
}

export type AnnotationsOfRuns = ReadonlyMap<string, readonly Annotation[]>;

const NAMESPACE = "annotations";
/** Lines of more runs than this, with their texts, would hide the curves. */
const MOST_RUNS = 24;
const MOST_EACH = 200;

/** The annotations of each of the first runs that has some, in order of step. */
export function useAnnotations(runIds: readonly string[]): AnnotationsOfRuns {
  const asked = runIds.slice(0, MOST_RUNS);
  const results = useQueries({
    queries: asked.map((runId) => ({
      queryKey: keys.annotations(runId),
      queryFn: ({ signal }: { signal: AbortSignal }) => fetchAnnotations(runId, signal),
      staleTime: 30_000,
    })),
  });
  const state = results.map(({ dataUpdatedAt }) => dataUpdatedAt).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: every render has a new list of the same answers.
  return useMemo(
    () =>
      new Map(
        asked.flatMap((runId, at) => {
          const found = results[at]?.data ?? [];
          return found.length === 0 ? [] : [[runId, found] as const];
        }),
      ),
    [state, asked.join()],
  );
}

async function fetchAnnotations(runId: string, signal: AbortSignal): Promise<Annotation[]> {
  const query = { prefix: NAMESPACE, limit: MOST_EACH };
  const page = await getJson<AttributePage>(`${runPath(runId)}/attributes`, query, signal);
  return page.attributes
    .flatMap(({ path, value }) => {
      const step = Number(path.slice(NAMESPACE.length + 1) || Number.NaN);
      return typeof value === "string" && Number.isFinite(step) ? [{ step, text: value }] : [];
    })
    .sort((a, b) => a.step - b.step);
}

/** Returns a function that pins a text to a step of a run; an empty text takes it away. */
export function useAnnotate(): (runId: string, annotation: Annotation) => Promise<void> {
  const client = useQueryClient();
  return async (runId, annotation) => {
    await editRun(runId, { annotations: [annotation] });
    await client.invalidateQueries({ queryKey: keys.annotations(runId) });
  };
}
