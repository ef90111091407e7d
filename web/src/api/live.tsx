/** Live streams as hooks: the general ones of lists, and the one of the run that a page shows. */

import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useEffect, useEffectEvent, useMemo, useRef } from "react";
import { EventStream } from "./event-stream.ts";
import { keys } from "./keys.ts";
import { useApi } from "./provider.tsx";
import { getJson, runPath } from "./request.ts";
import { RunStream } from "./run-stream.ts";
import type { AttributeInfo, Run } from "./types.ts";

/** Call `onEvent` for every event called `event` of the stream at `url`, and with null when some may be missed. */
export function useEventStream<T>(url: string, event: string, onEvent: (data: T | null) => void): void {
  const { live } = useApi();
  const handle = useEffectEvent(onEvent);
  useEffect(() => {
    const owner = {};
    const stream = new EventStream({
      url: () => url,
      on: { [event]: (data) => handle(data as T) },
      onState: (state) => live.set(owner, state),
      onReopen: () => handle(null),
    });
    stream.start();
    return () => {
      stream.stop();
      live.set(owner, null);
    };
  }, [url, event, live]);
}

const RunStreamContext = createContext<RunStream | null>(null);

/** Keeps one stream open for `run` and keeps the cache of the run and its attributes up to date. */
export function RunStreamProvider({ run, children }: { readonly run: Run; readonly children: ReactNode }) {
  const { live } = useApi();
  const client = useQueryClient();
  const refresh = useAttributeRefresh(run.id);
  const { id, project } = run;
  const runKeys = useRef<readonly string[]>([]);
  runKeys.current = [run.key, run.id];
  const stream = useMemo(() => {
    const owner = {};
    const made = new RunStream(id, {
      onRun: (next) => {
        for (const key of runKeys.current) client.setQueryData(keys.run(project, key), next);
      },
      onAttributes: refresh,
      onState: (state) => live.set(owner, state),
    });
    return { made, owner };
  }, [id, project, client, live, refresh]);
  useEffect(() => {
    stream.made.start();
    return () => {
      stream.made.stop();
      live.set(stream.owner, null);
    };
  }, [stream, live]);
  return <RunStreamContext value={stream.made}>{children}</RunStreamContext>;
}

/** The stream of the run that the page shows; null on a page of several runs. */
export function useStreamIfAny(): RunStream | null {
  return use(RunStreamContext);
}

export function useRunStream(): RunStream {
  const stream = use(RunStreamContext);
  if (stream === null) throw new Error("No run is shown here. Put the component below a RunStreamProvider.");
  return stream;
}

/** A page of attributes is one request; single ones are cheaper only while they are few. */
const MAX_SINGLE_FETCHES = 8;
const REFRESH_PAUSE_MS = 700;

/** Returns a stable function that brings the named attributes (null: all) up to date, gathering calls in between. */
function useAttributeRefresh(runId: string): (paths: readonly string[] | null) => void {
  const client = useQueryClient();
  return useMemo(() => {
    let waiting: Set<string> | null = new Set();
    let gathering = false;
    const run = async () => {
      const key = keys.attributes(runId);
      if (client.getQueryData(key) === undefined && client.isFetching({ queryKey: key }) > 0) {
        // The answer on its way may have been read before the change; look again when it is here.
        setTimeout(() => void run(), REFRESH_PAUSE_MS);
        return;
      }
      gathering = false;
      const paths = waiting;
      waiting = new Set();
      if (paths === null || paths.size > MAX_SINGLE_FETCHES) {
        await client.invalidateQueries({ queryKey: key });
        return;
      }
      const fetched = await Promise.all([...paths].map((path) => fetchAttribute(runId, path)));
      if (fetched.includes("failed")) {
        await client.invalidateQueries({ queryKey: key });
        return;
      }
      client.setQueryData<AttributeInfo[]>(key, (held) => {
        if (held === undefined) return held;
        const next = held.filter(({ path }) => !paths.has(path));
        for (const attribute of fetched) if (typeof attribute === "object") next.push(attribute);
        return next.sort((a, b) => (a.path < b.path ? -1 : 1));
      });
    };
    return (paths) => {
      if (paths === null) waiting = null;
      else for (const path of paths) waiting?.add(path);
      if (gathering) return;
      gathering = true;
      setTimeout(() => void run(), REFRESH_PAUSE_MS);
    };
  }, [client, runId]);
}

async function fetchAttribute(runId: string, path: string): Promise<AttributeInfo | "gone" | "failed"> {
  try {
    return await getJson<AttributeInfo>(`${runPath(runId)}/attribute`, { path });
  } catch (error) {
    return error instanceof Error && "status" in error && error.status === 404 ? "gone" : "failed";
  }
}
