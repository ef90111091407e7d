/** What pages ask the server, as hooks over the query cache. */

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { decodedText, wholeLines } from "#base/file-text.ts";
import { isRunId } from "#base/run-id.ts";
import { keys } from "./keys.ts";
import { useRunStream } from "./live.tsx";
import { ApiError, fileAddress, getJson, postJson, projectPath, runPath, send } from "./request.ts";
import type { ColumnList, File, Lineage, PointPage, ProjectList, Run, Session } from "./types.ts";

export function useSession() {
  return useQuery({
    queryKey: keys.session(),
    queryFn: ({ signal }) => getJson<Session>("/api/v1/session", {}, signal),
  });
}

/** Show `token` to the server, which keeps it in a cookie that scripts cannot read. */
export function signIn(token: string): Promise<Session> {
  return postJson<Session>("/api/v1/session", { token });
}

/** All projects; `useLiveHome` keeps them live. */
export function useProjects() {
  return useQuery({
    queryKey: keys.projects(),
    queryFn: ({ signal }) => getJson<ProjectList>("/api/v1/projects", {}, signal),
  });
}

export function useColumns(project: string, search: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.columns(project, search),
    queryFn: ({ signal }) => getJson<ColumnList>(`${projectPath(project)}/columns`, { search, limit: 100 }, signal),
    enabled,
    placeholderData: keepPreviousData,
  });
}

/** How often a run that has not arrived yet is asked for: its script prints the address before the server knows it. */
const ASK_AGAIN_MS = 500;

/**
 * A run by its key or id. A `RunStreamProvider` below keeps it live. An id is made by the client, so a run that the
 * server does not know yet may still come, and is asked for until it does.
 */
export function useRun(project: string, key: string) {
  return useQuery({
    queryKey: keys.run(project, key),
    queryFn: ({ signal }) => getJson<Run>(`${projectPath(project)}/runs/${encodeURIComponent(key)}`, {}, signal),
    refetchInterval: ({ state }) =>
      isRunId(key) && state.error instanceof ApiError && state.error.status === 404 ? ASK_AGAIN_MS : false,
  });
}

/** A run by its id alone; null if the server does not know it, or does not answer. */
export function findRun(runId: string): Promise<Run | null> {
  return getJson<Run>(runPath(runId)).catch(() => null);
}

/** The run that another one was forked from. */
export function useParent(runId: string) {
  return useQuery({
    queryKey: keys.parent(runId),
    queryFn: ({ signal }) => getJson<Run>(runPath(runId), {}, signal),
    retry: false,
  });
}

/** The runs that belong to a run. Asked anew each time: forks and runs of its group may come at any moment. */
export function useLineage(runId: string) {
  return useQuery({
    queryKey: keys.lineage(runId),
    queryFn: ({ signal }) => getJson<Lineage>(`${runPath(runId)}/lineage`, {}, signal),
  });
}

export interface PointsQuery {
  readonly tail?: number;
  readonly limit?: number;
  readonly first_step?: number;
  readonly last_step?: number;
}

/** Points of a series, as they were logged. */
export function fetchPoints(runId: string, path: string, query: PointsQuery, signal?: AbortSignal): Promise<PointPage> {
  return getJson<PointPage>(`${runPath(runId)}/points`, { path, ...query }, signal);
}

const REFETCH_PAUSE_MS = 1000;

/** More columns than a panel has pixels to tell them apart by would be many megabytes. */
const HISTOGRAMS_AT_ONCE = 300;

/** The last histograms of a series of the run that the page shows, live. */
export function useHistograms(runId: string, path: string) {
  const stream = useRunStream();
  const client = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stopListening = stream.onPoints(path, () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: keys.points(runId, path), exact: true });
      }, REFETCH_PAUSE_MS);
    });
    return () => {
      stopListening();
      clearTimeout(timer);
    };
  }, [client, stream, runId, path]);
  return useQuery({
    queryKey: keys.points(runId, path),
    queryFn: async ({ signal }) => {
      await stream.begun();
      return fetchPoints(runId, path, { tail: HISTOGRAMS_AT_ONCE }, signal);
    },
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: "always",
  });
}

/** The text of a stored file; fetched once for every content. Its error is a `NotTextError` if it is no text. */
export function useFileText(runId: string, path: string, sha256: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.text(runId, path, sha256),
    queryFn: async ({ signal }) => {
      const answer = await send(fileAddress(runId, path), { signal });
      return decodedText(new Uint8Array(await answer.arrayBuffer()));
    },
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

interface FileStart {
  readonly text: string;
  /** Whether the file goes on. */
  readonly isCut: boolean;
}

/** The same of a file of any size: as many whole lines as fit into `mostBytes`. `step` picks one of a file series. */
export function useFileStart(
  runId: string,
  path: string,
  { sha256, size }: File,
  mostBytes: number,
  step: number | null = null,
) {
  const isCut = size > mostBytes;
  return useQuery({
    queryKey: [...keys.text(runId, path, sha256), isCut ? mostBytes : null],
    queryFn: async ({ signal }): Promise<FileStart> => {
      const headers: Record<string, string> = isCut ? { range: `bytes=0-${mostBytes - 1}` } : {};
      const answer = await send(fileAddress(runId, path, step === null ? {} : { step }), { signal, headers });
      const text = decodedText(new Uint8Array(await answer.arrayBuffer()));
      return { text: isCut ? wholeLines(text) : text, isCut };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}
