/** What tells groups of runs apart: their keys, from the outermost in; as text, as a filter and in the address. */

import type { RunGroupInfo } from "#api/types.ts";
import { condition, queryPath, withCondition } from "#base/query-completion.ts";
import { titleOf } from "./column-shape.ts";
import { columnOfId } from "./column-spec.ts";

export type Key = RunGroupInfo["keys"][number];

/** How groups are ordered unless one says otherwise: by how many runs they have. */
export const MOST_FIRST = "-count";

export function keyText(value: Key): string {
  if (value === null) return "nothing";
  if (value === "") return "empty";
  return Array.isArray(value) ? value.join(", ") || "none" : String(value);
}

/** What the address calls a group. */
export function groupId(keys: readonly Key[]): string {
  return JSON.stringify(keys);
}

/** What runs are grouped by, in a few words. */
export function keyTitle(by: string): string {
  const column = columnOfId(by);
  return column.path === by ? titleOf(column) : by;
}

/** What runs are grouped by, a path or what stands for a series, as a query writes it. */
function operandOf(by: string): string {
  const { path, measure, at } = columnOfId(by);
  if (at !== null) return `${queryPath(path)}@${at.best}(${queryPath(at.path)})`;
  return measure === "last" ? queryPath(path) : `${measure}(${queryPath(path)})`;
}

/** The filter that finds the runs of a group. */
export function groupSearch(search: string, by: readonly string[], keys: readonly Key[]): string {
  let found = search;
  for (const [index, value] of keys.entries()) {
    const operand = operandOf(by[index] ?? "");
    if (value === null) found = withCondition(found, condition(operand, "NOT EXISTS", ""));
    else if (Array.isArray(value)) {
      for (const one of value) found = withCondition(found, condition(operand, "CONTAINS", one));
      // A set that has one more is of another group.
      found = withCondition(found, condition(`count(${operand})`, "=", String(value.length)));
    } else found = withCondition(found, condition(operand, "=", String(value)));
  }
  return found;
}

/** `open` with the group `id` opened, or closed if it was open. */
export function turned(open: readonly string[], id: string): string[] {
  return open.includes(id) ? open.filter((held) => held !== id) : [...open, id];
}
