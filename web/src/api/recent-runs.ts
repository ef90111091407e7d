/** Runs of all projects: what goes on, what has ended lately, and what a few words find. */

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef } from "react";
import { keys } from "./keys.ts";
import { useEventStream } from "./live.tsx";
import { getJson } from "./request.ts";
import type { Run, RunList } from "./types.ts";

const RECENT_RUNS = 12;
/** Any run that logs is news; the lists are asked for anew at most this often. */
const REFETCH_PAUSE_MS = 2000;

/** Runs that go on, the newest first; or that have ended, the last end first. `useLiveHome` keeps them live. */
export function useRecentRuns(ended: boolean) {
  return useQuery({
    queryKey: keys.recentRuns(ended),
    queryFn: ({ signal }) => fetchRunsOfAll({ ended: String(ended), limit: RECENT_RUNS }, signal),
  });
}

const FOUND_RUNS = 8;

/** Runs with all words of `text` in their name, key, id or project. */
export function useFoundRuns(text: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.foundRuns(text),
    queryFn: ({ signal }) => fetchRunsOfAll({ search: text, limit: FOUND_RUNS }, signal),
    enabled,
    placeholderData: keepPreviousData,
  });
}

async function fetchRunsOfAll(question: Record<string, string | number>, signal: AbortSignal): Promise<readonly Run[]> {
  return (await getJson<RunList>("/api/v1/runs", question, signal)).runs;
}

/** Keeps projects and recent runs up to date while the page is shown. */
export function useLiveHome(): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const refresh = useEffectEvent(() => {
    void client.invalidateQueries({ queryKey: keys.projects() });
    void client.invalidateQueries({ queryKey: keys.allRecentRuns() });
  });
  useEventStream("/api/v1/live", "projects", () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      refresh();
    }, REFETCH_PAUSE_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}
