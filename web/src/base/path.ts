/** Paths of attributes: segments joined by `/`. */

/** What stands before the last `/`, or an empty string. */
export function namespaceOf(path: string): string {
  const at = path.lastIndexOf("/");
  return at < 0 ? "" : path.slice(0, at);
}

/** What stands behind the last `/`. */
export function leafOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Whether every word of `search` occurs in `path`, in any order, ignoring case. */
export function matchesSearch(path: string, search: string): boolean {
  const text = path.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

const collator = new Intl.Collator("en", { numeric: true });

/** Order of paths for people: `layer2` before `layer10`. */
export function comparePaths(a: string, b: string): number {
  return collator.compare(a, b);
}

export interface PathGroup {
  readonly name: string;
  readonly paths: readonly string[];
}

/** `paths` by namespace; groups and members in the order for people. */
export function groupByNamespace(paths: readonly string[]): readonly PathGroup[] {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const name = namespaceOf(path);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [path]);
    else group.push(path);
  }
  return [...groups]
    .map(([name, members]) => ({ name, paths: members.sort(comparePaths) }))
    .sort((a, b) => comparePaths(a.name, b.name));
}
