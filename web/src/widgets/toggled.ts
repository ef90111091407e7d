/** Which sections of a page and folders of a tree somebody has opened or closed, as its address holds them. */

import { useState } from "react";
import type { Change } from "#base/change.ts";

const NONE: readonly string[] = [];

/** They travel in addresses, for which some proxies have eight thousand characters, and which people send each other. */
const MOST = 50;
const MOST_CHARACTERS = 2000;

/** `held` with `name` if it was not there, without it if it was. The oldest are forgotten where they are too many. */
export function turned(held: readonly string[], name: string): readonly string[] {
  return held.includes(name) ? held.filter((each) => each !== name) : newest([...held, name]);
}

/** As many of the last of `names` as an address has room for; the very last one in any case. */
export function newest(names: readonly string[]): readonly string[] {
  const next = names.slice(-MOST);
  let characters = 0;
  const left = next.findLastIndex((name, at) => {
    characters += encodeURIComponent(name).length;
    return characters > MOST_CHARACTERS && at < next.length - 1;
  });
  return next.slice(left + 1);
}

export interface FoldedView {
  /** Names of the sections that are not as they start, in the order in which they were turned. */
  readonly folded?: readonly string[] | undefined;
}

/** Whether the section `name` is open, which starts as `startsOpen`, and the way to turn it. */
export function folding(
  view: FoldedView,
  onView: (change: Change<FoldedView>) => void,
  name: string,
  startsOpen: boolean,
) {
  return {
    isOpen: startsOpen !== (view.folded ?? NONE).includes(name),
    onToggle: () => onView(({ folded = NONE }) => ({ folded: turned(folded, name) })),
  };
}

export interface ToggledView {
  readonly filter?: string | undefined;
  /** The folders that are not as they would be by themselves, in the order in which they were turned. */
  readonly toggled?: readonly string[] | undefined;
}

interface Toggled {
  readonly toggled: readonly string[];
  readonly toggle: (path: string) => void;
  /** Look for something else, which begins with all that it finds in sight; without it, all is as it was before. */
  readonly search: (text: string) => void;
}

/** The folders of a tree that somebody has opened or closed, and the ways to change that; each search has its own. */
export function useToggled(view: ToggledView, onView: (change: Change<ToggledView>) => void): Toggled {
  const [unsearched, setUnsearched] = useState(NONE);
  const { filter = "", toggled = NONE } = view;
  return {
    toggled,
    toggle: (path) => onView((held) => ({ toggled: turned(held.toggled ?? NONE, path) })),
    search: (text) => {
      if (filter === "") setUnsearched(toggled);
      onView({ filter: text || undefined, toggled: text === "" ? unsearched : undefined });
    },
  };
}
