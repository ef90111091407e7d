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
  /** The segments that all paths of the group begin with; empty for paths without a namespace. */
  readonly name: string;
  readonly paths: readonly string[];
}

/** What the machine does: the namespace that stands behind all others, for a metric is what one came for. */
const LAST_NAMESPACE = "monitoring";

/** `paths` by their first `depth` segments; groups and members in the order for people, `monitoring` behind the others. */
export function groupByNamespace(paths: readonly string[], depth = 1): readonly PathGroup[] {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const name = path.split("/").slice(0, -1).slice(0, depth).join("/");
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [path]);
    else group.push(path);
  }
  return [...groups]
    .map(([name, members]) => ({ name, paths: members.sort(comparePaths) }))
    .sort((a, b) => Number(isLast(a.name)) - Number(isLast(b.name)) || comparePaths(a.name, b.name));
}

function isLast(name: string): boolean {
  return name === LAST_NAMESPACE || name.startsWith(`${LAST_NAMESPACE}/`);
}

/** What of `path` is not said by the `name` of its group. */
export function withinGroup(path: string, name: string): string {
  return name === "" ? path : path.slice(name.length + 1);
}
