/** What two runs have that can be read as text, as hooks over the query cache. */

import { useQueries, useQuery } from "@tanstack/react-query";
import { keys } from "./keys.ts";
import { getExactJson, getJson, runPath } from "./request.ts";
import type { AttributeInfo, AttributePage, PointPage } from "./types.ts";

const PER_PAGE = 1000;
const MOST_PAGES = 5;

export interface FirstAttributes {
  readonly attributes: readonly AttributeInfo[];
  /** Whether there are more than a person would compare as one text. */
  readonly isCut: boolean;
}

/** The first thousands of attributes of each of `runIds`, in order of path. */
export function useFirstAttributes(runIds: readonly string[]) {
  return useQueries({
    queries: runIds.map((runId) => ({
      queryKey: keys.firstAttributes(runId),
      queryFn: ({ signal }: { signal: AbortSignal }) => fetchFirst(runId, signal),
      staleTime: 30_000,
    })),
  });
}

async function fetchFirst(runId: string, signal: AbortSignal): Promise<FirstAttributes> {
  const attributes: AttributeInfo[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const question: Record<string, string | number | null> = { limit: PER_PAGE, cursor };
    const answer: AttributePage = await getExactJson<AttributePage>(`${runPath(runId)}/attributes`, question, signal);
    attributes.push(...answer.attributes);
    cursor = answer.cursor;
    if (cursor === null) break;
  }
  return { attributes, isCut: cursor !== null };
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
    staleTime: 30_000,
  });
}
