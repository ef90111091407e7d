/** Live streams as hooks: the general ones of lists, and the one of the run that a page shows. */

import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useEffect, useEffectEvent, useMemo, useRef } from "react";
import { useAttributeRefresh } from "./attribute-refresh.ts";
import { EventStream } from "./event-stream.ts";
import { keys } from "./keys.ts";
import { useApi } from "./provider.tsx";
import { RunStream } from "./run-stream.ts";
import type { Run } from "./types.ts";

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
