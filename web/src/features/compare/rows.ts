/** Attributes of several runs side by side, and how they differ. Pure. */

import { cellNumber, cellText } from "#api/cells.ts";
import type { ComparedPage } from "#api/comparison.ts";
import type { AttributeInfo } from "#api/types.ts";
import { formatNumber } from "#base/numbers.ts";

export interface CompareRow {
  readonly path: string;
  /** By run id; a run that does not have the attribute is left out. */
  readonly cells: ReadonlyMap<string, AttributeInfo>;
}

/**
 * The rows that `pages` tell all about, in order of path.
 *
 * Each run's attributes come in that order too, but one run's pages reach further than another's: a row is left out for
 * as long as a run has more to come that may belong into it.
 */
export function rowsOf(pages: readonly ComparedPage[]): CompareRow[] {
  const cells = new Map<string, Map<string, AttributeInfo>>();
  const reached = new Map<string, string | null>();
  for (const { attributes, cursors } of pages) {
    for (const [run, page] of attributes) {
      for (const attribute of page) {
        const row = cells.get(attribute.path);
        if (row === undefined) cells.set(attribute.path, new Map([[run, attribute]]));
        else row.set(run, attribute);
      }
      reached.set(run, cursors.get(run) == null ? null : (page.at(-1)?.path ?? ""));
    }
  }
  const ends = [...reached.values()].filter((path) => path !== null);
  const complete = ends.length === 0 ? null : ends.reduce((least, path) => (path < least ? path : least));
  return [...cells]
    .filter(([path]) => complete === null || path <= complete)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, row]) => ({ path, cells: row }));
}

/** Whether not all of `runIds` have the same at this row. */
export function differs({ cells }: CompareRow, runIds: readonly string[]): boolean {
  let first: string | null | undefined;
  for (const id of runIds) {
    const cell = cells.get(id);
    const text = cell === undefined ? null : identity(cell);
    if (first === undefined) first = text;
    else if (text !== first) return true;
  }
  return false;
}

/** Whether the row is named after a process of some of the runs: that others do not have it is no difference. */
export function isOfSomeProcess({ path, cells }: CompareRow, runIds: readonly string[]): boolean {
  return path.startsWith("monitoring/") && cells.size < runIds.length;
}

/** Whether some that differ at this row would be shown by the same words. */
export function looksAlike({ cells }: CompareRow): boolean {
  const all = [...cells.values()];
  return new Set(all.map(cellText)).size < new Set(all.map(identity)).size;
}

/** Two attributes with one identity have the same value, to the last digit. */
function identity({ kind, value, series, file }: AttributeInfo): string {
  return JSON.stringify([kind, value ?? null, series?.last ?? null, series?.count ?? null, file?.sha256 ?? null]);
}

export interface Difference {
  readonly delta: number;
  /** Of the size of the baseline; null if that is zero. */
  readonly percent: number | null;
}

/** How far `cell` is from `baseline`; null if one of them is no number. */
export function differenceOf(cell: AttributeInfo, baseline: AttributeInfo | undefined): Difference | null {
  const value = cellNumber(cell);
  const base = baseline === undefined ? null : cellNumber(baseline);
  if (value === null || base === null) return null;
  const delta = isInt(cell) && isInt(baseline) ? Number(BigInt(cell.value) - BigInt(baseline.value)) : value - base;
  return { delta, percent: base === 0 ? null : (delta / Math.abs(base)) * 100 };
}

/** Ints may be larger than what is counted exactly with. */
function isInt(cell: AttributeInfo | undefined): cell is AttributeInfo & { readonly value: number | string } {
  return cell?.kind === "int" && cell.value !== null && cell.value !== undefined;
}

/** `+0.25 (+12%)`; `=` if there is no difference. */
export function differenceText({ delta, percent }: Difference): string {
  if (delta === 0) return "=";
  const share = percent === null ? "" : ` (${signed(roundedPercent(percent))}%)`;
  return `${signed(delta)}${share}`;
}

function roundedPercent(percent: number): number {
  return Math.abs(percent) < 10 ? Math.round(percent * 10) / 10 : Math.round(percent);
}

function signed(value: number): string {
  return value > 0 ? `+${formatNumber(value)}` : formatNumber(value);
}
