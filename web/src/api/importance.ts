/** Which parameters explain a result, as a hook over the query cache. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { keys } from "./keys.ts";
import { getJson, projectPath } from "./request.ts";
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];

export type ImportanceInfo = Schemas["ImportanceInfo"];
export type ImportanceList = Schemas["ImportanceList"];
export type ParameterGroupInfo = Schemas["ParameterGroupInfo"];

/** Over which runs: those with these ids, or those of the project that a query wants; an empty one wants all. */
export type RunChoice = { readonly runIds: readonly string[] } | { readonly query: string };

/** What the parameters of the runs say about `target`; nothing is asked while there is none. */
export function useImportance(project: string, target: string, choice: RunChoice) {
  const question = "runIds" in choice ? { run: choice.runIds } : { query: choice.query || null };
  return useQuery({
    queryKey: keys.importance(project, target, choice),
    queryFn: ({ signal }) =>
      getJson<ImportanceList>(`${projectPath(project)}/importance`, { target, ...question }, signal),
    enabled: target !== "",
    retry: false,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });
}
