/** What the server finds in sections, of which each comes with its first items and further ones in pages. */

import { keepPreviousData, type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { getJson } from "./request.ts";

type Question = Parameters<typeof getJson>[1];

const SECTIONS_PER_PAGE = 100;
const STALE_MS = 30_000;

interface SectionList<Section> {
  readonly sections: readonly Section[];
  readonly section_count: number;
}

interface Asked {
  readonly queryKey: QueryKey;
  readonly url: string;
  readonly question: Question;
  /** What is waited for before the server is asked: a stream that tells what changes from then on. */
  readonly begun?: () => Promise<unknown>;
}

interface SectionsAsked extends Asked {
  readonly enabled: boolean;
}

/** All sections that were asked for so far; `first` is the first answer, which tells of all of them. */
export function useSections<Section, List extends SectionList<Section>>(asked: SectionsAsked) {
  const { queryKey, url, question, begun, enabled } = asked;
  const { data, ...query } = useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam, signal }) => {
      await begun?.();
      return getJson<List>(url, { ...question, start: pageParam, limit: SECTIONS_PER_PAGE }, signal);
    },
    initialPageParam: 0,
    getNextPageParam: (last, _, start) =>
      start + SECTIONS_PER_PAGE < last.section_count ? start + SECTIONS_PER_PAGE : undefined,
    enabled,
    placeholderData: keepPreviousData,
    staleTime: STALE_MS,
  });
  const sections = useMemo<readonly Section[]>(() => data?.pages.flatMap((page) => page.sections) ?? [], [data]);
  return { ...query, sections, first: data?.pages[0] };
}

interface PagesAsked<Item, Page> extends Asked {
  /** The same function from render to render. */
  readonly itemsOf: (page: Page) => readonly Item[];
}

interface PagesBehind<Item, Page> extends PagesAsked<Item, Page> {
  /** Where the first page begins; null is the beginning. */
  readonly after: string | null;
  readonly enabled: boolean;
}

/** Items in pages, as many as were asked for so far. */
export function useSectionPages<Item, Page extends { readonly cursor: string | null }>(asked: PagesBehind<Item, Page>) {
  const { queryKey, url, question, begun, itemsOf, after, enabled } = asked;
  const { data, ...query } = useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam, signal }) => {
      await begun?.();
      return getJson<Page>(url, { ...question, cursor: pageParam }, signal);
    },
    initialPageParam: after,
    getNextPageParam: (last) => last.cursor,
    enabled,
    placeholderData: keepPreviousData,
    staleTime: STALE_MS,
  });
  const items = useMemo<readonly Item[]>(() => data?.pages.flatMap(itemsOf) ?? [], [data, itemsOf]);
  return { ...query, items };
}

interface ItemsAsked<Item, Page> {
  /** Those that came with the section. */
  readonly first: readonly Item[];
  /** How many the section has. */
  readonly count: number;
  /** Tells one from the others, and says where the next page begins; the same function from render to render. */
  readonly nameOf: (item: Item) => string;
  readonly pages: PagesAsked<Item, Page>;
}

/** Items of a section: those that came with it, and as many more as were asked for; `more` asks, null at the end. */
export function useSectionItems<Item, Page extends { readonly cursor: string | null }>(asked: ItemsAsked<Item, Page>) {
  const { first, count, nameOf, pages } = asked;
  const [wanted, setWanted] = useState(false);
  const last = first.at(-1);
  const isWhole = first.length >= count;
  const after = last === undefined ? null : nameOf(last);
  const rest = useSectionPages({ ...pages, after, enabled: !isWhole && (wanted || last === undefined) });
  const items = useMemo(() => {
    const further = isWhole ? [] : rest.items;
    return [...new Map([...first, ...further].map((item) => [nameOf(item), item])).values()];
  }, [first, rest.items, isWhole, nameOf]);
  const begin = () => setWanted(true);
  const goOn = () => void rest.fetchNextPage();
  const isAsking = rest.isFetching || isWhole;
  return { items, more: isAsking ? null : rest.items.length === 0 ? begin : rest.hasNextPage ? goOn : null };
}
