/** Answers about the runs of a project that are asked for again when its runs change. */

import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef } from "react";
import { useEventStream } from "./live.tsx";
import { projectPath } from "./request.ts";

/** Fetch what is below `queryKey` again when a run of the project changes, at most once in `pauseMs`: one stream. */
export function useRefreshWithRuns(project: string, queryKey: QueryKey, pauseMs: number): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const refresh = useEffectEvent(() => void client.invalidateQueries({ queryKey }));
  useEventStream(`${projectPath(project)}/live`, "runs", () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      refresh();
    }, pauseMs);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}
