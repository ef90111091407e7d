/** Which folders of a tree somebody has opened or closed. A search begins with all that it finds in sight. */

import { useState } from "react";

const NONE: ReadonlySet<string> = new Set();

/** The folders that are not as they would be by themselves, and the way to turn one; each search has its own. */
export function useToggled(search: string): readonly [ReadonlySet<string>, (path: string) => void] {
  const [always, setAlways] = useState(NONE);
  const [found, setFound] = useState({ search, paths: NONE });
  const held = search === "" ? always : found.search === search ? found.paths : NONE;
  const toggle = (path: string) => {
    const next = new Set(held);
    if (!next.delete(path)) next.add(path);
    if (search === "") setAlways(next);
    else setFound({ search, paths: next });
  };
  return [held, toggle];
}
