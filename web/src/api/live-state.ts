/** Whether the page hears from the server; one for the whole app, shown in its header. */

import type { StreamState } from "./event-stream.ts";

export class LiveState {
  readonly #states = new Map<object, StreamState>();
  readonly #listeners = new Set<() => void>();

  /** The worst of all open streams; null while there is none. */
  get = (): StreamState | null => {
    const states = [...this.#states.values()];
    if (states.length === 0) return null;
    if (states.includes("lost")) return "lost";
    return states.includes("connecting") ? "connecting" : "live";
  };

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Say how the stream known as `owner` stands; null when it is closed. */
  set(owner: object, state: StreamState | null): void {
    if (state === null) this.#states.delete(owner);
    else this.#states.set(owner, state);
    for (const listener of this.#listeners) listener();
  }
}
