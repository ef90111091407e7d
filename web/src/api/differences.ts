/** What changed between two runs, as a hook over the query cache. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { keys } from "./keys.ts";
import { getExactJson, runPath } from "./request.ts";
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];

export type Area = Schemas["Area"];
export type DifferenceInfo = Schemas["DifferenceInfo"];
export type DifferenceList = Schemas["DifferenceList"];

/** What changed from the run `before` to the run `after`; nothing is asked while they are one. */
export function useDifferences(before: string, after: string) {
  return useQuery({
    queryKey: keys.differences(before, after),
    queryFn: ({ signal }) =>
      getExactJson<DifferenceList>(`${runPath(after)}/differences`, { baseline: before }, signal),
    enabled: before !== after,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });
}
