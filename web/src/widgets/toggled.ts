/** Which folders of a tree somebody has opened or closed. A search begins with all that it finds in sight. */

import { useState } from "react";

const NONE: readonly string[] = [];

/** They travel in an address, for which some proxies have eight thousand characters. */
const MOST = 200;
const MOST_CHARACTERS = 5000;

/**
 * The folders that are not as they would be by themselves, in the order in which they were turned, and the way to turn
 * one; each search has its own. The oldest are forgotten where they are too many.
 */
export function useToggled(search: string): readonly [readonly string[], (path: string) => void] {
  const [always, setAlways] = useState(NONE);
  const [found, setFound] = useState({ search, paths: NONE });
  const held = search === "" ? always : found.search === search ? found.paths : NONE;
  const toggle = (path: string) => {
    const next = turned(held, path);
    if (search === "") setAlways(next);
    else setFound({ search, paths: next });
  };
  return [held, toggle];
}

/** `held` with `path` if it was not there, without it if it was. */
export function turned(held: readonly string[], path: string): readonly string[] {
  if (held.includes(path)) return held.filter((each) => each !== path);
  const next = [...held, path].slice(-MOST);
  let characters = 0;
  const kept = next.findLastIndex((each) => {
    characters += encodeURIComponent(each).length;
    return characters > MOST_CHARACTERS;
  });
  return next.slice(kept + 1);
}
