/** What a run has to look at and listen to, as hooks over the query cache: found by the server, in sections and pages. */

import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { keys } from "./keys.ts";
import { useRunStream } from "./live.tsx";
import { getJson, runPath } from "./request.ts";
import { useSectionItems, useSections } from "./sections.ts";
import type { AttributeInfo, AttributePage, MediaBeside, MediaSection, MediaSectionList } from "./types.ts";

/** Media of a section that come with it, and in each further page. */
const MEDIA_PER_PAGE = 60;
/** Sections come with media until these are so many. */
const MEDIA_AT_ONCE = 120;

/** Sections of the media that `search` finds: words, or a `/regular expression/`. */
export function useMediaSections(runId: string, search: string) {
  const stream = useRunStream();
  const { first, ...query } = useSections<MediaSection, MediaSectionList>({
    queryKey: keys.mediaSections(runId, search),
    url: `${runPath(runId)}/media/sections`,
    question: { search: search || null, per_section: MEDIA_PER_PAGE, at_once: MEDIA_AT_ONCE },
    begun: () => stream.begun(),
    enabled: true,
  });
  return {
    ...query,
    /** Media that the search finds, and all there would be without it; null until the server has answered. */
    count: first?.media_count ?? null,
    allCount: first?.all_count ?? null,
  };
}

const mediaOfPage = ({ attributes }: AttributePage): readonly AttributeInfo[] => attributes;
const pathOfMedia = ({ path }: AttributeInfo): string => path;

/** Media of a section: those that came with it, and as many more as were asked for; `more` asks, null at the end. */
export function useSectionMedia(runId: string, search: string, { name, count, media }: MediaSection) {
  const stream = useRunStream();
  return useSectionItems({
    first: media,
    count,
    nameOf: pathOfMedia,
    pages: {
      queryKey: keys.mediaPages(runId, search, name, media.at(-1)?.path ?? null),
      url: `${runPath(runId)}/media`,
      question: { section: name, search: search || null, limit: MEDIA_PER_PAGE },
      begun: () => stream.begun(),
      itemsOf: mediaOfPage,
    },
  });
}

/** Returns what says which media stand before and behind `path` among those that `search` finds, on the screen or not. */
export function useMediaBeside(runId: string, search: string, path: string): () => Promise<MediaBeside> {
  const client = useQueryClient();
  const asked = queryOptions({
    queryKey: keys.mediaBeside(runId, search, path),
    queryFn: ({ signal }) =>
      getJson<MediaBeside>(`${runPath(runId)}/media/beside`, { search: search || null, path }, signal),
  });
  // Asked before somebody wants to know.
  useQuery(asked);
  return () => client.ensureQueryData(asked);
}
