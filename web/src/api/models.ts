/** What pages ask about models: the registry, and what runs have logged. */

import { useQuery } from "@tanstack/react-query";
import { keys } from "./keys.ts";
import { getJson, runPath } from "./request.ts";
import type { LoggedModelInfo, LoggedModelList, RegisteredModelList, RegisteredModelPage } from "./types.ts";

export function useRegisteredModels() {
  return useQuery({
    queryKey: keys.registeredModels(),
    queryFn: ({ signal }) => getJson<RegisteredModelList>("/api/v1/models", {}, signal),
  });
}

export function useRegisteredModel(name: string) {
  return useQuery({
    queryKey: keys.registeredModel(name),
    queryFn: ({ signal }) => getJson<RegisteredModelPage>(`/api/v1/models/${encodeURIComponent(name)}`, {}, signal),
  });
}

export function useLoggedModel(id: string) {
  return useQuery({
    queryKey: keys.loggedModel(id),
    queryFn: ({ signal }) => getJson<LoggedModelInfo>(`/api/v1/logged-models/${encodeURIComponent(id)}`, {}, signal),
  });
}

/** The models that a run has left behind. */
export function useModelsOfRun(runId: string) {
  return useQuery({
    queryKey: keys.modelsOfRun(runId),
    queryFn: ({ signal }) => getJson<LoggedModelList>(`${runPath(runId)}/models`, {}, signal),
  });
}
