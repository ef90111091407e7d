/** Axes of parallel coordinates: where a value stands on one, what lies within its brush, how an address says it. Pure. */

import { cellNumber, cellText } from "#api/cells.ts";
import type { AttributeInfo } from "#api/types.ts";
import { formatCompact } from "#base/numbers.ts";
import { logTicks, roundTicks } from "#base/ticks.ts";

export type AxisKind = "linear" | "log" | "words";

export interface AxisTick {
  /** 0 at the bottom, 1 at the top. */
  readonly share: number;
  readonly label: string;
}

export interface Axis {
  readonly path: string;
  readonly kind: AxisKind;
  /** Whether all values are greater than zero, so that the axis may be logarithmic. */
  readonly mayBeLog: boolean;
  /** What stands at the bottom and at the top; places of words count from 0. */
  readonly low: number;
  readonly high: number;
  /** In order, from the bottom; empty unless the kind is `words`. */
  readonly words: readonly string[];
  /** The number of each run on the axis, by run id; runs without one are left out. */
  readonly values: ReadonlyMap<string, number>;
  readonly ticks: readonly AxisTick[];
}

const TICKS = 6;
/** More words than this are not written beside their places. */
const MOST_WORDS = 24;
/** From this ratio of the greatest to the least value on, a linear axis would press most values together. */
const LOG_FROM = 50;
const ROOM = 0.04;

/** The axis of what the runs have at `path`. `flipped`: linear where it would be logarithmic, and the other way round. */
export function axisOf(path: string, cells: ReadonlyMap<string, AttributeInfo>, flipped: boolean): Axis {
  const numbers = new Map<string, number>();
  for (const [run, cell] of cells) {
    const number = cellNumber(cell);
    if (number !== null) numbers.set(run, number);
  }
  const isNumeric = [...cells.values()].every(({ kind }) => NUMBER_KINDS.includes(kind));
  if (!isNumeric) return wordsAxis(path, cells);
  const all = [...numbers.values()];
  const least = all.length === 0 ? 0 : Math.min(...all);
  const most = all.length === 0 ? 1 : Math.max(...all);
  const mayBeLog = all.length > 0 && least > 0 && most > least;
  const isLog = mayBeLog && most / least >= LOG_FROM !== flipped;
  if (isLog) {
    const room = (most / least) ** ROOM;
    const [low, high] = [least / room, most * room];
    const axis = { path, kind: "log", mayBeLog, low, high, words: [], values: numbers, ticks: [] } as const;
    return { ...axis, ticks: ticksOf(logTicks(low, high, TICKS), axis) };
  }
  const room = least === most ? Math.abs(least) * 0.1 || 1 : (most - least) * ROOM;
  const axis = {
    path,
    kind: "linear",
    mayBeLog,
    low: least - room,
    high: most + room,
    words: [],
    values: numbers,
    ticks: [],
  } as const;
  return { ...axis, ticks: ticksOf(roundTicks(axis.low, axis.high, TICKS), axis) };
}

const NUMBER_KINDS: readonly string[] = ["int", "float", "float_series"];

function wordsAxis(path: string, cells: ReadonlyMap<string, AttributeInfo>): Axis {
  const words = [...new Set([...cells.values()].map(cellText))].sort((a, b) => (a < b ? 1 : -1));
  const places = new Map(words.map((word, place) => [word, place]));
  const values = new Map([...cells].map(([run, cell]) => [run, places.get(cellText(cell)) ?? 0]));
  const axis = { path, kind: "words", mayBeLog: false, low: -0.5, high: words.length - 0.5, words, values } as const;
  const shown = words.length > MOST_WORDS ? [] : words;
  return { ...axis, ticks: shown.map((label, place) => ({ share: shareOf(axis, place), label })) };
}

function ticksOf(places: readonly number[], axis: Pick<Axis, "kind" | "low" | "high">): AxisTick[] {
  return places.map((place) => ({ share: shareOf(axis, place), label: formatCompact(place) }));
}

/** How far up the axis `value` stands. */
export function shareOf({ kind, low, high }: Pick<Axis, "kind" | "low" | "high">, value: number): number {
  if (kind === "log") return Math.log(value / low) / Math.log(high / low);
  return (value - low) / (high - low);
}

/** What stands that far up the axis. */
export function valueAt({ kind, low, high }: Pick<Axis, "kind" | "low" | "high">, share: number): number {
  if (kind === "log") return low * (high / low) ** share;
  return low + share * (high - low);
}

/** The stretch of one axis that runs must lie within, both ends included. */
export interface Brush {
  readonly path: string;
  readonly low: number;
  readonly high: number;
}

/** `0.001:0.1:parameters/lr`. Six digits tell all that a pointer can. */
export function brushAddress({ path, low, high }: Brush): string {
  return `${Number(low.toPrecision(6))}:${Number(high.toPrecision(6))}:${path}`;
}

/** The brushes that an address says; what cannot be understood is left out. */
export function brushesOf(addresses: readonly string[]): Brush[] {
  return addresses.flatMap((address) => {
    const [low = "", high = "", ...path] = address.split(":");
    const brush = { path: path.join(":"), low: Number(low), high: Number(high) };
    const isGood = low !== "" && high !== "" && brush.path !== "" && brush.low <= brush.high;
    return isGood ? [brush] : [];
  });
}

/** The addresses with the brush of `path` replaced, or taken away; undefined if none is left. */
export function withBrush(addresses: readonly string[], path: string, brush: Brush | null): string[] | undefined {
  const others = brushesOf(addresses).filter((each) => each.path !== path);
  const all = brush === null ? others : [...others, brush];
  return all.length === 0 ? undefined : all.map(brushAddress);
}

/** Whether the run lies within the brushes of all axes that are shown. */
export function isWithin(runId: string, axes: readonly Axis[], brushes: readonly Brush[]): boolean {
  return brushes.every(({ path, low, high }) => {
    const axis = axes.find((each) => each.path === path);
    if (axis === undefined) return true;
    const value = axis.values.get(runId);
    return value !== undefined && value >= low && value <= high;
  });
}
