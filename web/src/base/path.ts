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

/** What of `path` is not said by the `name` of its group. */
export function withinGroup(path: string, name: string): string {
  return name === "" ? path : path.slice(name.length + 1);
}
