/** What a chart draws, made from the buckets of a series: a pure step between data and canvas. */

import { type Buckets, column } from "./buckets.ts";
import { smooth } from "./smooth.ts";

export type XAxis = "step" | "relative" | "time";

export interface LineOptions {
  readonly xAxis: XAxis;
  /** Milliseconds since 1970-01-01 UTC that `relative` counts from. */
  readonly origin: number;
  /** 0 draws the line as it is; below 1. */
  readonly smoothing: number;
  readonly logY: boolean;
}

export type Gappy = (number | null)[];

export interface Line {
  /** Ascending. Steps, seconds since the origin, or seconds since 1970-01-01 UTC. */
  readonly x: Float64Array;
  readonly y: Gappy;
  /** The line before smoothing; null when it is not smoothed. */
  readonly raw: Gappy | null;
  /** Ends of the envelope; null when no bucket holds more than one point. */
  readonly low: Gappy | null;
  readonly high: Gappy | null;
  /** Which row of the buckets each x shows. */
  readonly rows: Int32Array;
  /** Where values are not finite, as places in `x`. */
  readonly nanAt: readonly number[];
  readonly highInfAt: readonly number[];
  readonly lowInfAt: readonly number[];
  /** Rows with a value that a logarithmic axis cannot show. */
  readonly hidden: number;
}

/** The line of `buckets`. */
export function lineOf(buckets: Buckets, options: LineOptions): Line {
  const { x, rows } = placed(buckets, options);
  const mean = column(buckets, "mean");
  const min = column(buckets, "min");
  const max = column(buckets, "max");
  const count = column(buckets, "count");
  const shownMean = options.smoothing > 0 ? smooth(mean, count, options.smoothing) : mean;
  let hidden = 0;
  let spread = false;
  for (let row = 0; row < buckets.rows; row += 1) {
    if ((count[row] ?? 1) > 1) spread = true;
    if (options.logY && (min[row] ?? Number.NaN) <= 0) hidden += 1;
  }
  const gaps = (values: Float64Array): Gappy => {
    const drawn: Gappy = new Array(rows.length);
    for (let at = 0; at < rows.length; at += 1) {
      const value = values[rows[at] ?? 0] ?? Number.NaN;
      drawn[at] = Number.isFinite(value) && !(options.logY && value <= 0) ? value : null;
    }
    return drawn;
  };
  return {
    x,
    y: gaps(shownMean),
    raw: options.smoothing > 0 ? gaps(mean) : null,
    low: spread ? gaps(min) : null,
    high: spread ? gaps(max) : null,
    rows,
    ...notFinite(buckets, rows),
    hidden,
  };
}

function placed(buckets: Buckets, { xAxis, origin }: LineOptions): { x: Float64Array; rows: Int32Array } {
  const rows = Int32Array.from({ length: buckets.rows }, (_, row) => row);
  // A bucket stands where it ends, the first one where it begins: so the line covers all that was logged.
  if (xAxis === "step") {
    const x = column(buckets, "stepLast").slice();
    if (x.length > 1) x[0] = buckets.columns.stepFirst[0] ?? 0;
    return { x, rows };
  }
  const times = column(buckets, "timeLast").slice();
  if (times.length > 1) times[0] = buckets.columns.timeFirst[0] ?? 0;
  // Points may arrive in any order, so later steps may have earlier times; a time axis must ascend all the same.
  let ascending = true;
  for (let row = 1; row < times.length && ascending; row += 1) ascending = (times[row] ?? 0) >= (times[row - 1] ?? 0);
  if (!ascending) rows.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  const start = xAxis === "relative" ? origin : 0;
  return { x: Float64Array.from(rows, (row) => ((times[row] ?? 0) - start) / 1000), rows };
}

function notFinite(buckets: Buckets, rows: Int32Array): Pick<Line, "nanAt" | "highInfAt" | "lowInfAt"> {
  const nanAt: number[] = [];
  const highInfAt: number[] = [];
  const lowInfAt: number[] = [];
  const { nanCount, infCount, first, last } = buckets.columns;
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at] ?? 0;
    if ((nanCount[row] ?? 0) > 0) nanAt.push(at);
    if ((infCount[row] ?? 0) > 0) {
      // A bucket does not keep the sign of an infinity inside it; its ends tell most of the time.
      const negative = first[row] === Number.NEGATIVE_INFINITY || last[row] === Number.NEGATIVE_INFINITY;
      (negative ? lowInfAt : highInfAt).push(at);
    }
  }
  return { nanAt, highInfAt, lowInfAt };
}

/** The steps that the stretch `[from, to]` of the line's x axis covers, or null if no row lies in it. */
export function stepsWithin(buckets: Buckets, line: Line, from: number, to: number): [number, number] | null {
  let firstStep = Number.POSITIVE_INFINITY;
  let lastStep = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < line.x.length; at += 1) {
    const x = line.x[at] ?? Number.NaN;
    if (x < from || x > to) continue;
    const row = line.rows[at] ?? 0;
    firstStep = Math.min(firstStep, buckets.columns.stepFirst[row] ?? firstStep);
    lastStep = Math.max(lastStep, buckets.columns.stepLast[row] ?? lastStep);
  }
  return firstStep <= lastStep ? [firstStep, lastStep] : null;
}
