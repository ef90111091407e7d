/** An attribute in few words, and as the number that it stands for. Pure. */

import { formatCount, formatNumber, parseJsonFloat } from "#base/numbers.ts";
import type { AttributeInfo } from "./types.ts";

/** What a cell shows of an attribute: its value, or the last one of a series. */
export function cellText({ kind, value, series, file }: AttributeInfo): string {
  if (series != null) {
    const { last, count } = series;
    if (kind === "float_series") return formatNumber(parseJsonFloat(last as number | string | null));
    if (typeof last === "string") return last;
    return `${count} ${count === 1 ? "point" : "points"}`;
  }
  if (file != null) return file.sha256.slice(0, 12);
  if (Array.isArray(value)) return value.join(", ");
  // Digits of a seed or an id say something, however many there are.
  if (kind === "int" && typeof value === "number") return formatCount(value);
  if (typeof value === "number") return formatNumber(value);
  return value === null || value === undefined ? "" : String(value);
}

/** The same to the last digit. */
export function exactText(cell: AttributeInfo): string {
  const held = cell.kind === "float_series" ? cell.series?.last : cell.value;
  return typeof held === "number" ? String(held) : cellText(cell);
}

/** The number that a cell stands for; null if it stands for none. */
export function cellNumber({ kind, value, series }: AttributeInfo): number | null {
  const held = kind === "float_series" ? series?.last : kind === "int" || kind === "float" ? value : null;
  if (typeof held !== "number" && typeof held !== "string") return null;
  // An int that no float64 holds comes as its text.
  const number = kind === "int" ? Number(held) : parseJsonFloat(held);
  return Number.isFinite(number) ? number : null;
}
