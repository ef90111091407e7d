/** What the app changes of runs: one request each, because a run is refused or changed by itself. */

import { address, patchJson, postJson, runPath, send } from "./request.ts";
import type { Kind, Run, RunChange } from "./types.ts";
import { valueJson } from "./value-text.ts";

/** Change name, notes or tags; what is left out stays. */
export function editRun(runId: string, change: Partial<RunChange>): Promise<Run> {
  return patchJson<Run>(runPath(runId), change);
}

/** Set a value to another of its kind, as it was typed. */
export async function setValue(runId: string, path: string, kind: Kind, typed: string): Promise<void> {
  const json = valueJson(kind, typed);
  const headers = { "content-type": "application/json" };
  await send(address(`${runPath(runId)}/value`, { path }), { method: "PUT", headers, body: `{"value": ${json}}` });
}

export function trashRun(runId: string): Promise<Run> {
  return postJson<Run>(`${runPath(runId)}/trash`, {});
}

export function restoreRun(runId: string): Promise<Run> {
  return postJson<Run>(`${runPath(runId)}/restore`, {});
}

/** Remove a run that is in the trash, for good. */
export async function deleteRun(runId: string): Promise<void> {
  await send(`${runPath(runId)}/delete`, { method: "POST" });
}

/** Requests of one bulk action at the same time; more would only wait in the server. */
const AT_ONCE = 4;

export interface BulkOutcome {
  readonly done: readonly string[];
  readonly failed: readonly { readonly id: string; readonly message: string }[];
}

/** Call `action` for every id until `signal` is given, tell how many are through, and say what became of each. */
export async function forEachRun(
  ids: readonly string[],
  action: (id: string) => Promise<unknown>,
  { onProgress, signal }: { readonly onProgress: (through: number) => void; readonly signal: AbortSignal },
): Promise<BulkOutcome> {
  const waiting = [...ids].reverse();
  const done: string[] = [];
  const failed: { id: string; message: string }[] = [];
  const work = async () => {
    for (let id = waiting.pop(); id !== undefined && !signal.aborted; id = waiting.pop()) {
      try {
        await action(id);
        done.push(id);
      } catch (error) {
        failed.push({ id, message: error instanceof Error ? error.message : String(error) });
      }
      onProgress(done.length + failed.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, work));
  return { done, failed };
}
