/** Which series runs have, as hooks over the query cache: the server finds them, in sections and pages. */

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { keys } from "./keys.ts";
import { getJson } from "./request.ts";
import type { Kind, PathPage, PathSection, PathSectionList } from "./types.ts";

/** Whose series, and which: of one kind, at or below a path, or not there. */
export interface SeriesQuestion {
  readonly runIds: readonly string[];
  readonly kind: Kind;
  readonly below?: string;
  readonly beside?: string;
  /** How many segments of a path name its section; 1 without it. */
  readonly depth?: number;
}

/** Paths of a section that come with it, and in each further page. */
export const PATHS_PER_PAGE = 100;
const SECTIONS_PER_PAGE = 100;
/** Sections come with paths until these are so many. */
const PATHS_AT_ONCE = 300;
/** More runs would make an address that is too long for some proxies; the server looks through the first ones. */
const MOST_RUNS = 100;
const STALE_MS = 30_000;
const NO_PATHS: readonly string[] = [];

/** Sections of the series that `search` finds: words, or a `/regular expression/`. */
export function useSeriesSections(asked: SeriesQuestion, search: string, enabled = true) {
  const { data, ...query } = useInfiniteQuery({
    queryKey: keys.seriesSections(asked, search),
    queryFn: ({ pageParam, signal }) => {
      const page = { start: pageParam, limit: SECTIONS_PER_PAGE, per_section: PATHS_PER_PAGE, at_once: PATHS_AT_ONCE };
      return getJson<PathSectionList>("/api/v1/series/sections", { ...parameters(asked, search), ...page }, signal);
    },
    initialPageParam: 0,
    getNextPageParam: (last, _, start) =>
      start + SECTIONS_PER_PAGE < last.section_count ? start + SECTIONS_PER_PAGE : undefined,
    enabled: enabled && asked.runIds.length > 0,
    placeholderData: keepPreviousData,
    staleTime: STALE_MS,
  });
  const sections = useMemo<readonly PathSection[]>(() => data?.pages.flatMap((page) => page.sections) ?? [], [data]);
  const first = data?.pages[0];
  return {
    ...query,
    sections,
    /** Series that the search finds, and all there would be without it; null until the server has answered. */
    count: first?.path_count ?? null,
    allCount: first?.all_count ?? null,
    runCount: first?.run_count ?? 0,
  };
}

/** Further pages of a section's paths: those behind `after`, from its beginning if that is null. */
export function useMorePaths(
  asked: SeriesQuestion,
  search: string,
  section: string | null,
  after: string | null,
  enabled: boolean,
) {
  const { data, ...query } = useInfiniteQuery({
    queryKey: keys.seriesPages(asked, search, section, after),
    queryFn: ({ pageParam, signal }) => {
      const page = { section, cursor: pageParam, limit: PATHS_PER_PAGE };
      return getJson<PathPage>("/api/v1/series/paths", { ...parameters(asked, search), ...page }, signal);
    },
    initialPageParam: after,
    getNextPageParam: (last) => last.cursor,
    enabled: enabled && asked.runIds.length > 0,
    placeholderData: keepPreviousData,
    staleTime: STALE_MS,
  });
  const paths = useMemo<readonly string[]>(() => data?.pages.flatMap((page) => page.paths) ?? [], [data]);
  return { ...query, paths };
}

/** Paths of a section: those that came with it, and as many more as were asked for; `more` asks, null at the end. */
export function useSectionPaths(asked: SeriesQuestion, search: string, section: PathSection) {
  const [wanted, setWanted] = useState(false);
  const last = section.paths.at(-1) ?? null;
  const isWhole = section.paths.length >= section.count;
  const rest = useMorePaths(asked, search, section.name, last, !isWhole && (wanted || last === null));
  const further = isWhole ? NO_PATHS : rest.paths;
  const paths = useMemo(() => [...new Set([...section.paths, ...further])], [section.paths, further]);
  const begin = () => setWanted(true);
  const goOn = () => void rest.fetchNextPage();
  const isAsking = rest.isFetching || isWhole;
  return { paths, more: isAsking ? null : further.length === 0 ? begin : rest.hasNextPage ? goOn : null };
}

/** The first `most` paths that `search` finds. */
export function useFoundPaths(asked: SeriesQuestion, search: string, most: number, enabled = true) {
  return useQuery({
    queryKey: keys.foundPaths(asked, search, most),
    queryFn: ({ signal }) => fetchPaths(asked, { search, limit: most }, signal),
    enabled: enabled && asked.runIds.length > 0,
    placeholderData: keepPreviousData,
    staleTime: STALE_MS,
  });
}

/** So many paths that hold a name are looked at for the one that was meant. */
const MOST_LIKE_IT = 20;

/** Those of `names` that are series, and, of each other one, some that are like it. */
export function useKnownPaths(asked: SeriesQuestion, names: readonly string[]) {
  return useQuery({
    queryKey: keys.knownPaths(asked, names),
    queryFn: async ({ signal }) => {
      const known = await fetchPaths(asked, { path: names, limit: names.length }, signal);
      const unknown = names.filter((name) => !known.includes(name));
      const alike = unknown.map((search) => fetchPaths(asked, { search, limit: MOST_LIKE_IT }, signal));
      return new Set([...known, ...(await Promise.all(alike)).flat()]);
    },
    enabled: names.length > 0 && asked.runIds.length > 0,
    placeholderData: keepPreviousData,
    staleTime: STALE_MS,
  });
}

interface PathChoice {
  readonly search?: string;
  readonly path?: readonly string[];
  readonly limit: number;
}

async function fetchPaths(asked: SeriesQuestion, choice: PathChoice, signal: AbortSignal): Promise<readonly string[]> {
  const { search = "", ...others } = choice;
  const question = { ...parameters(asked, search), ...others };
  return (await getJson<PathPage>("/api/v1/series/paths", question, signal)).paths;
}

function parameters({ runIds, kind, below, beside, depth }: SeriesQuestion, search: string) {
  return { run: runIds.slice(0, MOST_RUNS), kind, below, beside, depth, search: search || null };
}
