/** Which series runs have, as hooks over the query cache: the server finds them, in sections and pages. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { keys } from "./keys.ts";
import { getJson } from "./request.ts";
import { useSectionItems, useSectionPages, useSections } from "./sections.ts";
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
/** Sections come with paths until these are so many. */
const PATHS_AT_ONCE = 300;
/** More runs would make an address that is too long for some proxies; the server looks through the first ones. */
const MOST_RUNS = 100;
const STALE_MS = 30_000;

/** Sections of the series that `search` finds: words, or a `/regular expression/`. */
export function useSeriesSections(asked: SeriesQuestion, search: string, enabled = true) {
  const { first, ...query } = useSections<PathSection, PathSectionList>({
    queryKey: keys.seriesSections(asked, search),
    url: "/api/v1/series/sections",
    question: { ...parameters(asked, search), per_section: PATHS_PER_PAGE, at_once: PATHS_AT_ONCE },
    enabled: enabled && asked.runIds.length > 0,
  });
  return {
    ...query,
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
  const { items, ...query } = useSectionPages<string, PathPage>({
    queryKey: keys.seriesPages(asked, search, section, after),
    url: "/api/v1/series/paths",
    question: { ...parameters(asked, search), section, limit: PATHS_PER_PAGE },
    after,
    itemsOf: pathsOfPage,
    enabled: enabled && asked.runIds.length > 0,
  });
  return { ...query, paths: items };
}

const pathsOfPage = ({ paths }: PathPage): readonly string[] => paths;
const itself = (path: string): string => path;

/** Paths of a section: those that came with it, and as many more as were asked for; `more` asks, null at the end. */
export function useSectionPaths(asked: SeriesQuestion, search: string, section: PathSection) {
  const { items, more } = useSectionItems({
    first: section.paths,
    count: section.count,
    nameOf: itself,
    pages: {
      queryKey: keys.seriesPages(asked, search, section.name, section.paths.at(-1) ?? null),
      url: "/api/v1/series/paths",
      question: { ...parameters(asked, search), section: section.name, limit: PATHS_PER_PAGE },
      itemsOf: pathsOfPage,
    },
  });
  return { paths: items, more };
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
