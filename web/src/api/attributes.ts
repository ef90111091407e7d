/** Attributes of the run that a page shows, as hooks over the query cache: never all of them, but those of a kind or a place. */

import { experimental_streamedQuery as streamedQuery, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import type { AttributesQuestion } from "./attributes-question.ts";
import { keys } from "./keys.ts";
import { useRunStream } from "./live.tsx";
import { getExactJson, runPath } from "./request.ts";
import type { AttributeInfo, AttributePage } from "./types.ts";

const ATTRIBUTES_PER_PAGE = 1000;
/** A list that a page shows whole ends here. What can be longer is asked for as it is scrolled, not with this. */
const MOST_PAGES = 5;

export const MOST_ATTRIBUTES = ATTRIBUTES_PER_PAGE * MOST_PAGES;

/**
 * The first thousands of a run's attributes that `asked` is about, in order of path, live; what a series holds is
 * renewed every `renewMs` milliseconds.
 *
 * They come in pages: `data` grows at first, and `isWhole` says when it has all it will have.
 */
export function useAttributes(runId: string, asked: AttributesQuestion, renewMs: number | null = null) {
  const stream = useRunStream();
  const { below, search, kinds } = asked;
  const query = useQuery({
    queryKey: keys.attributeList(runId, asked),
    queryFn: streamedQuery<readonly AttributeInfo[], AttributeInfo[]>({
      streamFn: async function* ({ signal }) {
        await stream.begun();
        let cursor: string | null = null;
        for (let page = 0; page < MOST_PAGES; page += 1) {
          const question = { limit: ATTRIBUTES_PER_PAGE, cursor, prefix: below, search, kind: kinds };
          const answer: AttributePage = await getExactJson<AttributePage>(
            `${runPath(runId)}/attributes`,
            question,
            signal,
          );
          yield answer.attributes;
          cursor = answer.cursor;
          if (cursor === null) break;
        }
      },
      refetchMode: "replace",
      initialValue: [],
      // What came live meanwhile may stand in the page too.
      reducer: (held, page) => {
        const first = page[0]?.path;
        return first === undefined ? held : [...held.filter(({ path }) => path < first), ...page];
      },
    }),
    staleTime: Number.POSITIVE_INFINITY,
    // What an earlier visit left in the cache missed everything since.
    refetchOnMount: "always",
    refetchInterval: renewMs ?? false,
  });
  const whole = useRef<string | null>(null);
  const name = `${runId} ${JSON.stringify(asked)}`;
  if (query.isSuccess && !query.isFetching) whole.current = name;
  return { ...query, isWhole: whole.current === name };
}
