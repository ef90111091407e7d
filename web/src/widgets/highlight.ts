/** Which run is singled out, told to charts without rendering the page anew: the cursor changes it many times a second. */

import { createContext, use, useSyncExternalStore } from "react";

export class Highlight {
  #id: string | null = null;
  readonly #listeners = new Set<() => void>();

  readonly get = (): string | null => this.#id;

  set(id: string | null): void {
    if (id === this.#id) return;
    this.#id = id;
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };
}

const HighlightContext = createContext<Highlight | null>(null);

export const HighlightProvider = HighlightContext;

/** The page's highlight; null where a page shows one run. */
export function useHighlight(): Highlight | null {
  return use(HighlightContext);
}

/** Whether the run `id` is singled out; renders anew when that changes. */
export function useIsHighlighted(id: string): boolean {
  const highlight = use(HighlightContext);
  return useSyncExternalStore(highlight?.subscribe ?? noSubscription, () => highlight?.get() === id);
}

/** What makes an element single out the run or group `id` while one points at it, or is in it by keys. */
export function singlingOut(highlight: Highlight | null, id: string | null) {
  const begin = () => highlight?.set(id);
  const end = () => highlight?.set(null);
  return { onMouseEnter: begin, onMouseLeave: end, onFocus: begin, onBlur: end };
}

function noSubscription(): () => void {
  return () => {};
}
