/** The stretch of an axis that shows what lines have, all of it or all but outliers. Pure. */

import type { Line } from "./line.ts";

export type Range = readonly [number, number];

interface ValueRangeOptions {
  /** Only places within this stretch of the x axis count. */
  readonly within: Range | null;
  /** Leave out the few values that would press all others flat. */
  readonly robust: boolean;
  readonly log: boolean;
}

/** From the least to the greatest x of `lines`; null if they have no place. */
export function placeRange(lines: readonly Line[]): Range | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { x, ascending } of lines) {
    for (const place of ascending ? [x[0] ?? Number.NaN, x[x.length - 1] ?? Number.NaN] : x) {
      if (place < low) low = place;
      if (place > high) high = place;
    }
  }
  return low <= high ? [low, high] : null;
}

/** What the y axis shows of `lines`, with some room above and below; null if there is no value. */
export function valueRange(lines: readonly Line[], { within, robust, log }: ValueRangeOptions): Range | null {
  const values: number[] = [];
  for (const line of lines) {
    const columns = robust ? [line.y] : [line.y, line.raw, line.low, line.high];
    for (const column of columns) {
      if (column === null) continue;
      for (let at = 0; at < column.length; at += 1) {
        const value = column[at] ?? Number.NaN;
        if (Number.isNaN(value)) continue;
        const x = line.x[at] ?? Number.NaN;
        if (within === null || (x >= within[0] && x <= within[1])) values.push(value);
      }
    }
  }
  const range = robust ? withoutOutliers(values) : extent(values);
  return range === null ? null : withRoom(range, log);
}

function extent(values: readonly number[]): Range | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}

/** Quartiles reach this many times their distance; what lies beyond is an outlier (Tukey's far fence). */
const FENCE = 3;
const FEWEST = 4;

/** The extent of `values` within the far fences: 3 times the distance of the quartiles below and above them. */
export function withoutOutliers(values: readonly number[]): Range | null {
  if (values.length < FEWEST) return extent(values);
  const sorted = Float64Array.from(values).sort();
  const low = quantile(sorted, 0.25);
  const high = quantile(sorted, 0.75);
  // Where half of all values are equal there is no distance to measure by: most values must do.
  const [from, to] =
    low < high
      ? [low - FENCE * (high - low), high + FENCE * (high - low)]
      : [quantile(sorted, 0.02), quantile(sorted, 0.98)];
  return extent([...sorted].filter((value) => value >= from && value <= to));
}

/** The value below which the share `q` of `sorted` lies, in between two values by their distance. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (high - low) * (place - below);
}

const ROOM = 0.05;

function withRoom([low, high]: Range, log: boolean): Range {
  if (log) return [roundLog(low, "down"), roundLog(high, "up")];
  if (low === high) {
    const around = low === 0 ? 1 : Math.abs(low) * 0.1;
    return [low - around, high + around];
  }
  const room = (high - low) * ROOM;
  // An axis that begins at zero says that nothing lies below.
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}

const LOG_STEPS = [0.5, 1, 2, 5, 10, 20];

/** The next of 1, 2 and 5 times a power of ten, downwards or upwards: where a logarithmic axis has its ticks. */
function roundLog(value: number, way: "down" | "up"): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const digits = value / power;
  const step = way === "down" ? LOG_STEPS.findLast((each) => each < digits) : LOG_STEPS.find((each) => each > digits);
  // Of the least float64 there are no halves.
  return Number(((step ?? 1) * power).toPrecision(12)) || value;
}
