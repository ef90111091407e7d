/** The attributes of a project, each path once: runs may have different kinds of things there. */

import type { Column } from "#api/types.ts";

export interface KnownPath {
  readonly path: string;
  /** Most runs have the first. */
  readonly kinds: readonly Column["kind"][];
  readonly runCount: number;
}

export function knownPaths(columns: readonly Column[]): KnownPath[] {
  const found = new Map<string, KnownPath>();
  for (const { path, kind, run_count } of [...columns].sort((a, b) => b.run_count - a.run_count)) {
    const held = found.get(path);
    // A run has one thing at a path, so nobody is counted twice.
    found.set(path, {
      path,
      kinds: [...(held?.kinds ?? []), kind],
      runCount: (held?.runCount ?? 0) + run_count,
    });
  }
  return columns.flatMap(({ path }) => {
    const known = found.get(path);
    return known !== undefined && found.delete(path) ? [known] : [];
  });
}

/** `float or int, 12 runs`. */
export function kindsText({ kinds, runCount }: KnownPath): string {
  const words = kinds.map((kind) => kind.replaceAll("_", " ")).join(" or ");
  return `${words}, ${runCount} ${runCount === 1 ? "run" : "runs"}`;
}
