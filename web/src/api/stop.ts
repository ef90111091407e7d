/** Asks that a run be stopped, in the name of whoever sits at this browser. */

import { postJson, runPath } from "./request.ts";
import type { StopHow, StopRequest } from "./types.ts";

/** `graceS` seconds lie between an interrupt and the kill; `requestedBy` is who asks, as they call themselves. */
export function requestStop(runId: string, how: StopHow, graceS: number, requestedBy: string): Promise<StopRequest> {
  return postJson<StopRequest>(`${runPath(runId)}/stop`, { how, grace_s: graceS, requested_by: requestedBy });
}

const KEY = "marigram.name";

/** What whoever sits here has called themselves last; empty if they never did. */
export function ownName(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

export function keepOwnName(name: string): void {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // A browser that keeps nothing asks again.
  }
}
