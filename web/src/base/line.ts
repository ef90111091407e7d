/** What a chart draws, made from columns of the server: a pure step between data and canvas. */

import { type Buckets, column } from "./buckets.ts";
import type { CrossColumns, GroupColumns } from "./chart-columns.ts";
import type { SeriesRange } from "./series-range.ts";
import { isSmooth, type Smoothing, smooth } from "./smooth.ts";

/** `series` draws over the values of another series. */
export const X_AXES = ["step", "relative", "time", "series"] as const;
export type XAxis = (typeof X_AXES)[number];

export interface LineOptions {
  readonly xAxis: XAxis;
  /** Milliseconds since 1970-01-01 UTC that `relative` counts from. */
  readonly origin: number;
  readonly smoothing: Smoothing;
  readonly logX: boolean;
  readonly logY: boolean;
  /** Of what lies beside this stretch only the places next to it are drawn. */
  readonly within?: SeriesRange | null;
}

/** What the band of a group shows around its mean. */
export const BANDS = ["deviation", "error", "range"] as const;
export type Band = (typeof BANDS)[number];

/** Columns of one length, one row per place of the line. NaN is a gap. */
export interface Line {
  /** Steps, seconds since the origin, seconds since 1970-01-01 UTC, or values of another series. */
  readonly x: Float64Array;
  /** Whether `x` never falls; over another series it may. */
  readonly ascending: boolean;
  readonly y: Float64Array;
  /** What `y` stands for, also where it cannot be drawn: infinities, NaN where that was logged, what a log axis hides. */
  readonly value: Float64Array;
  /** The least and the greatest of the points of each place, whatever of them can be drawn; NaN if none is finite. */
  readonly least: Float64Array;
  readonly greatest: Float64Array;
  /** The line before smoothing; null when it is not smoothed. */
  readonly raw: Float64Array | null;
  /** Ends of the envelope; null when no place stands for more than one point. */
  readonly low: Float64Array | null;
  readonly high: Float64Array | null;
  readonly stepFirst: Float64Array;
  readonly stepLast: Float64Array;
  /** Milliseconds since 1970-01-01 UTC; null where the server has none. */
  readonly time: Float64Array | null;
  /** Points that a place stands for; for a group, its runs. */
  readonly count: Float64Array;
  /** Where values are not finite, as places in `x`. */
  readonly nanAt: readonly number[];
  readonly highInfAt: readonly number[];
  readonly lowInfAt: readonly number[];
  /** Infinities of which a bucket does not say the sign. */
  readonly someInfAt: readonly number[];
  /** Places that a logarithmic axis cannot show. */
  readonly hidden: number;
}

/** The line of `buckets`. */
export function lineOf(buckets: Buckets, options: LineOptions): Line {
  const count = column(buckets, "count");
  // Where no point is finite there is no mean; then the last of them tells.
  const ends = column(buckets, "last");
  const mean = column(buckets, "mean").map((value, row) => (Number.isNaN(value) ? (ends[row] ?? value) : value));
  const { places, rows } = placed(buckets, options);
  return drawn({
    options,
    rows: cut(rows, buckets.columns, options),
    places,
    value: mean,
    smoothed: isSmooth(options.smoothing) ? smooth(mean, count, options.smoothing) : null,
    low: column(buckets, "min"),
    high: column(buckets, "max"),
    spread: count.some((points) => points > 1),
    stepFirst: column(buckets, "stepFirst"),
    stepLast: column(buckets, "stepLast"),
    time: column(buckets, "timeLast"),
    count,
    marks: (kept) => notFinite(buckets, kept),
  });
}

/** The mean of a group with the `band` that is asked for. */
export function lineOfGroup(group: GroupColumns, band: Band, options: LineOptions): Line {
  const { step, mean } = group;
  const around = (sign: 1 | -1) => {
    if (band === "range") return sign > 0 ? group.max : group.min;
    const width = group[band];
    return mean.map((value, row) => value + sign * (width[row] ?? 0));
  };
  // Groups are drawn over steps and over nothing else.
  const steps = { stepFirst: step, stepLast: step, timeFirst: step, timeLast: step };
  return drawn({
    options,
    rows: cut(everyRow(step.length), steps, options),
    places: step,
    value: mean,
    smoothed: isSmooth(options.smoothing) ? smooth(mean, new Float64Array(0), options.smoothing) : null,
    low: around(-1),
    high: around(1),
    spread: group.runs.some((runs) => runs > 1),
    stepFirst: step,
    stepLast: step,
    time: null,
    count: group.runs,
    marks: () => NO_MARKS,
  });
}

/** A series over the values of another one, in order of step. */
export function lineOfCross(cross: CrossColumns, options: LineOptions): Line {
  const { step, x, mean, count } = cross;
  return drawn({
    options,
    rows: everyRow(step.length),
    places: x,
    value: mean,
    smoothed: isSmooth(options.smoothing) ? smooth(mean, count, options.smoothing) : null,
    low: cross.min,
    high: cross.max,
    spread: count.some((points) => points > 1),
    stepFirst: step,
    stepLast: step,
    time: null,
    count,
    marks: () => NO_MARKS,
  });
}

type Marks = Pick<Line, "nanAt" | "highInfAt" | "lowInfAt" | "someInfAt">;

const NO_MARKS: Marks = { nanAt: [], highInfAt: [], lowInfAt: [], someInfAt: [] };

interface Source {
  readonly options: LineOptions;
  /** Rows in the order in which they are drawn. */
  readonly rows: Int32Array;
  /** Where each row stands on the x axis. */
  readonly places: Float64Array;
  readonly value: Float64Array;
  readonly smoothed: Float64Array | null;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly spread: boolean;
  readonly stepFirst: Float64Array;
  readonly stepLast: Float64Array;
  readonly time: Float64Array | null;
  readonly count: Float64Array;
  readonly marks: (rows: Int32Array) => Marks;
}

function drawn(source: Source): Line {
  const { options, places, value, spread } = source;
  const rows = options.logX ? source.rows.filter((row) => (places[row] ?? 0) > 0) : source.rows;
  const pick = (from: Float64Array) => Float64Array.from(rows, (row) => from[row] ?? Number.NaN);
  const gaps = (from: Float64Array) => {
    const picked = pick(from);
    for (let at = 0; at < picked.length; at += 1) {
      const shown = picked[at] ?? Number.NaN;
      if (!Number.isFinite(shown) || (options.logY && shown <= 0)) picked[at] = Number.NaN;
    }
    return picked;
  };
  let hidden = source.rows.length - rows.length;
  if (options.logY) for (const row of rows) if ((source.low[row] ?? Number.NaN) <= 0) hidden += 1;
  const low = spread ? gaps(source.low) : null;
  const high = spread ? gaps(source.high) : null;
  if (low !== null && high !== null && options.logY) liftBand(low, high);
  const x = pick(places);
  return {
    x,
    ascending: isAscending(x),
    y: gaps(source.smoothed ?? value),
    value: pick(source.smoothed ?? value),
    least: pick(source.low),
    greatest: pick(source.high),
    raw: source.smoothed === null ? null : gaps(value),
    low,
    high,
    stepFirst: pick(source.stepFirst),
    stepLast: pick(source.stepLast),
    time: source.time === null ? null : pick(source.time),
    count: pick(source.count),
    ...source.marks(rows),
    hidden,
  };
}

/** A band that reaches to zero or below has no lower end on a logarithmic axis: it begins at the least end there is. */
function liftBand(low: Float64Array, high: Float64Array): void {
  let least = Number.POSITIVE_INFINITY;
  for (const ends of [low, high]) for (const end of ends) if (end < least) least = end;
  for (let at = 0; at < low.length; at += 1) {
    if (Number.isNaN(low[at] ?? Number.NaN) && Number.isFinite(high[at] ?? Number.NaN)) low[at] = least;
  }
}

function everyRow(length: number): Int32Array {
  return Int32Array.from({ length }, (_, row) => row);
}

function isAscending(values: Float64Array): boolean {
  for (let at = 1; at < values.length; at += 1) if ((values[at] ?? 0) < (values[at - 1] ?? 0)) return false;
  return true;
}

function placed(buckets: Buckets, { xAxis, origin }: LineOptions): { places: Float64Array; rows: Int32Array } {
  const rows = everyRow(buckets.rows);
  // A bucket stands where it ends, the first one where it begins: so the line covers all that was logged.
  if (xAxis === "step" || xAxis === "series") {
    const places = column(buckets, "stepLast").slice();
    if (places.length > 1) places[0] = buckets.columns.stepFirst[0] ?? 0;
    return { places, rows };
  }
  const times = column(buckets, "timeLast").slice();
  if (times.length > 1) times[0] = buckets.columns.timeFirst[0] ?? 0;
  // Points may arrive in any order, so later steps may have earlier times; a time axis must ascend all the same.
  if (!isAscending(times)) rows.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  const start = xAxis === "relative" ? origin : 0;
  return { places: times.map((time) => (time - start) / 1000), rows };
}

/** The rows that have a part in what is shown, and the one at each side to which the line goes on. */
function cut(
  rows: Int32Array,
  columns: Pick<Buckets["columns"], "stepFirst" | "stepLast" | "timeFirst" | "timeLast">,
  { within, origin }: LineOptions,
): Int32Array {
  if (within == null) return rows;
  const { by } = within;
  const start = by === "relative" ? origin : 0;
  const [firsts, lasts] = by === "step" ? [columns.stepFirst, columns.stepLast] : [columns.timeFirst, columns.timeLast];
  const from = rows.findIndex((row) => (lasts[row] ?? 0) - start >= within.first);
  const to = rows.findLastIndex((row) => (firsts[row] ?? 0) - start <= within.last);
  return rows.subarray(Math.max(0, (from < 0 ? rows.length : from) - 1), to + 2);
}

function notFinite(buckets: Buckets, rows: Int32Array): Marks {
  const marks = {
    nanAt: [] as number[],
    highInfAt: [] as number[],
    lowInfAt: [] as number[],
    someInfAt: [] as number[],
  };
  const { count, nanCount, infCount, first, last } = buckets.columns;
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at] ?? 0;
    if ((nanCount[row] ?? 0) > 0) marks.nanAt.push(at);
    const infinite = infCount[row] ?? 0;
    if (infinite === 0) continue;
    // A bucket does not keep the signs of infinities inside it; its ends are known.
    const ends = (count[row] ?? 1) > 1 ? [first[row], last[row]] : [last[row]];
    const high = ends.filter((end) => end === Number.POSITIVE_INFINITY).length;
    const low = ends.filter((end) => end === Number.NEGATIVE_INFINITY).length;
    if (high > 0) marks.highInfAt.push(at);
    if (low > 0) marks.lowInfAt.push(at);
    if (infinite > high + low && (high === 0 || low === 0)) marks.someInfAt.push(at);
  }
  return marks;
}

/** The steps that the stretch `[from, to]` of the x axis covers in any of `lines`, or null if no place lies in it. */
export function stepsWithin(lines: readonly Line[], from: number, to: number): [number, number] | null {
  let firstStep = Number.POSITIVE_INFINITY;
  let lastStep = Number.NEGATIVE_INFINITY;
  for (const line of lines) {
    for (let at = 0; at < line.x.length; at += 1) {
      const x = line.x[at] ?? Number.NaN;
      if (!(x >= from && x <= to)) continue;
      firstStep = Math.min(firstStep, line.stepFirst[at] ?? firstStep);
      lastStep = Math.max(lastStep, line.stepLast[at] ?? lastStep);
    }
  }
  return firstStep <= lastStep ? [firstStep, lastStep] : null;
}

/** The place of `line` that is nearest to `x`, or null if the line has none. */
export function nearestPlace({ x: places, ascending }: Line, x: number): number | null {
  if (places.length === 0) return null;
  if (!ascending) {
    let best = 0;
    for (let at = 1; at < places.length; at += 1) {
      if (Math.abs((places[at] ?? 0) - x) < Math.abs((places[best] ?? 0) - x)) best = at;
    }
    return best;
  }
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] ?? 0) < x) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  if (low === places.length) return low - 1;
  return x - (places[low - 1] ?? 0) <= (places[low] ?? 0) - x ? low - 1 : low;
}
