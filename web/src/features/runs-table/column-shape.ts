/** How a column is called and how wide it is. */

import type { Kind } from "#api/types.ts";
import { leafOf, namespaceOf } from "#base/path.ts";
import { isNumeric } from "./cells.ts";
import { type ColumnSpec, MAX_WIDTH, MIN_WIDTH, measureText, NOTES_PATH, OWN_COLUMNS } from "./column-spec.ts";

export function clamped(width: number): number {
  return Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width)));
}

export function titleOf({ path, name }: ColumnSpec): string {
  if (name !== "") return name;
  return OWN_COLUMNS[path]?.title ?? (path === NOTES_PATH ? "Notes" : leafOf(path));
}

const CHARACTER_WIDTH = 7.2;

/** As wide as the column is, or as its head and what it holds need. */
export function widthOf(column: ColumnSpec, kind: Kind | undefined): number {
  if (column.width !== null) return column.width;
  const own = OWN_COLUMNS[column.path]?.width;
  if (own !== undefined) return own;
  const above = namespaceOf(column.path).length * 0.9 + measureText(column).length;
  const header = Math.max(titleOf(column).length, above) * CHARACTER_WIDTH + 44;
  const smallest = kind !== undefined && (isNumeric(kind) || kind === "bool") ? 104 : 130;
  return Math.round(Math.min(260, Math.max(smallest, header)));
}
