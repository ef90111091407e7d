/** Which series of texts the run that a page shows has, as hooks over the query cache: the server looks through them. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { keys } from "./keys.ts";
import { useRunStream } from "./live.tsx";
import { getJson } from "./request.ts";
import { useSections } from "./sections.ts";
import { type SeriesQuestion, useFoundPaths } from "./series-paths.ts";
import type { PathPage, PathSection, PathSectionList } from "./types.ts";

/** So many are read as one text; the server sends no more as one, either. */
export const MOST_TEXTS = 64;
const MOST_FOUND = 50;

function textsOf(runId: string): SeriesQuestion {
  return { runIds: [runId], kind: "string_series" };
}

/** The first series of texts that `search` finds in each section, live, and how many there are. */
export function useTextSeries(runId: string, search: string, enabled = true) {
  const stream = useRunStream();
  const asked = useMemo(() => textsOf(runId), [runId]);
  const { sections, first, error, isPlaceholderData } = useSections<PathSection, PathSectionList>({
    queryKey: keys.seriesSections(asked, search),
    url: "/api/v1/series/sections",
    question: { run: asked.runIds, kind: asked.kind, search: search || null, per_section: MOST_TEXTS },
    begun: () => stream.begun(),
    enabled,
  });
  const paths = useMemo(() => sections.flatMap((section) => section.paths), [sections]);
  const isThere = first !== undefined && !isPlaceholderData;
  return {
    paths,
    /** Null until they are counted. */
    count: isThere ? first.path_count : null,
    allCount: isThere ? first.all_count : null,
    isAwaited: enabled && !isThere && error === null,
    error: enabled ? error : null,
  };
}

/** `path` if it is a series of texts; null if it is none, and until that is known. */
export function useChosenText(runId: string, path: string | undefined) {
  const asked = useMemo(() => textsOf(runId), [runId]);
  const { data, error, isPending } = useQuery({
    queryKey: keys.knownPaths(asked, [path ?? ""]),
    queryFn: async ({ signal }) => {
      const question = { run: asked.runIds, kind: asked.kind, path, limit: 1 };
      return new Set((await getJson<PathPage>("/api/v1/series/paths", question, signal)).paths);
    },
    enabled: path !== undefined,
  });
  return {
    path: path !== undefined && data?.has(path) === true ? path : null,
    isPending: path !== undefined && isPending,
    error: path === undefined ? null : error,
  };
}

/** The first series of texts that `search` finds. */
export function useFoundTexts(runId: string, search: string) {
  const asked = useMemo(() => textsOf(runId), [runId]);
  return useFoundPaths(asked, search, MOST_FOUND);
}
