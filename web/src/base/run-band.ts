/**
 * Buckets of several runs as one line with a band, for what no server knows: expressions. Pure.
 *
 * For series the server does the same, in `server/query/comparison.py` and `alignment.py`; one file of examples holds
 * both to the same answers. A run that has no point at a step of another counts there with the straight line between its
 * neighbours, and does not count before its first and after its last point.
 *
 * The edges of a bucket are multiples of a power of two, so each lies within one cell of any coarser power. The grid is
 * the finest one of which that is true for all buckets and that has no more cells than wanted.
 */

import { type Buckets, column } from "./buckets.ts";
import type { GroupColumns } from "./chart-columns.ts";
import { between } from "./straight-lines.ts";

/** One run on a grid: a row for each cell that holds a finite value, in order. */
interface Cells {
  readonly number: Float64Array;
  readonly step: Float64Array;
  readonly mean: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
}

/** `runs` on at most `maxCells` places, which are at least 2; each run counts once, however often it logs. */
export function bandOf(runs: readonly Buckets[], maxCells: number): GroupColumns {
  const exponent = finestOf(runs, maxCells);
  const cells = runs.map((each) => cellsOf(each, exponent)).filter(({ number }) => number.length > 0);
  const { number, step } = unionOf(cells);
  const rows = cells.map((each) => rowOf(each, number, step));
  const length = number.length;
  const count = new Float64Array(length);
  const mean = new Float64Array(length);
  const min = new Float64Array(length).fill(Number.POSITIVE_INFINITY);
  const max = new Float64Array(length).fill(Number.NEGATIVE_INFINITY);
  eachThere(rows, (row, at) => {
    count[at] = (count[at] ?? 0) + 1;
    min[at] = Math.min(min[at] ?? 0, row.low[at] ?? 0);
    max[at] = Math.max(max[at] ?? 0, row.high[at] ?? 0);
  });
  // Shares before the sum: the sum of finite values can be infinite, their mean cannot.
  eachThere(rows, ({ value }, at) => {
    mean[at] = (mean[at] ?? 0) + (value[at] ?? 0) / (count[at] ?? 1);
  });
  for (let at = 0; at < length; at += 1) mean[at] = clamped(mean[at] ?? 0, min[at] ?? 0, max[at] ?? 0);
  const squares = new Float64Array(length);
  eachThere(rows, ({ value }, at) => {
    squares[at] = (squares[at] ?? 0) + ((value[at] ?? 0) - (mean[at] ?? 0)) ** 2;
  });
  const deviation = squares.map((sum, at) => Math.sqrt(sum / Math.max((count[at] ?? 0) - 1, 1)));
  const error = deviation.map((one, at) => one / Math.sqrt(count[at] ?? 1));
  return { step, mean, deviation, error, min, max, runs: count };
}

/** A run at every cell of its group; NaN before it begins and after it ends. */
interface Row {
  readonly value: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

function eachThere(rows: readonly Row[], tell: (row: Row, at: number) => void): void {
  for (const row of rows) {
    for (let at = 0; at < row.value.length; at += 1) if (!Number.isNaN(row.value[at])) tell(row, at);
  }
}

function clamped(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

function rowOf(cells: Cells, number: Float64Array, step: Float64Array): Row {
  const { mean, min, max } = cells;
  const least = mean.reduce((found, each) => Math.min(found, each));
  const most = mean.reduce((found, each) => Math.max(found, each));
  const [from, to] = [cells.number[0] ?? 0, cells.number[cells.number.length - 1] ?? 0];
  const value = between(cells.step, mean, step);
  for (let at = 0; at < number.length; at += 1) {
    const cell = number[at] ?? 0;
    // Rounding could put a value on the line just outside its ends.
    value[at] = cell < from || cell > to ? Number.NaN : clamped(value[at] ?? 0, least, most);
  }
  const low = value.slice();
  const high = value.slice();
  let own = 0;
  for (let at = 0; at < number.length; at += 1) {
    if (number[at] !== cells.number[own]) continue;
    low[at] = min[own] ?? 0;
    high[at] = max[own] ?? 0;
    value[at] = clamped(value[at] ?? 0, min[own] ?? 0, max[own] ?? 0);
    own += 1;
  }
  return { value, low, high };
}

/** The cells that any run has, and for each the mean of the runs' steps in it. */
function unionOf(runs: readonly Cells[]): { readonly number: Float64Array; readonly step: Float64Array } {
  const number = distinct(joined(runs.map((cells) => cells.number)).sort());
  const count = new Float64Array(number.length);
  const step = new Float64Array(number.length);
  const first = new Float64Array(number.length).fill(Number.POSITIVE_INFINITY);
  const last = new Float64Array(number.length).fill(Number.NEGATIVE_INFINITY);
  const eachCell = (tell: (at: number, step: number) => void) => {
    for (const cells of runs) {
      let own = 0;
      for (let at = 0; at < number.length; at += 1) {
        if (number[at] !== cells.number[own]) continue;
        tell(at, cells.step[own] ?? 0);
        own += 1;
      }
    }
  };
  eachCell((at, one) => {
    count[at] = (count[at] ?? 0) + 1;
    first[at] = Math.min(first[at] ?? one, one);
    last[at] = Math.max(last[at] ?? one, one);
  });
  eachCell((at, one) => {
    step[at] = (step[at] ?? 0) + one / (count[at] ?? 1);
  });
  for (let at = 0; at < step.length; at += 1) step[at] = clamped(step[at] ?? 0, first[at] ?? 0, last[at] ?? 0);
  return { number, step };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Each of the numbers once; they rise. */
function distinct(rising: Float64Array): Float64Array {
  return rising.filter((each, at) => at === 0 || each !== rising[at - 1]);
}

const COARSEST = 1024;
const FINEST = -1000;
/** Beyond this exponent different steps could become the same infinity. */
const LARGEST_SCALED = 1020;

/** The exponent of the finest grid. */
function finestOf(runs: readonly Buckets[], maxCells: number): number {
  const firsts = joined(runs.map((each) => column(each, "stepFirst")));
  const lasts = joined(runs.map((each) => column(each, "stepLast")));
  const isLong = (_: number, at: number) => firsts[at] !== lasts[at];
  const [begins, ends] = [firsts.filter(isLong), lasts.filter(isLong)];
  const steps = distinct(firsts.sort());
  const largest = Math.max(
    Math.abs(steps[0] ?? 0),
    Math.abs(steps[steps.length - 1] ?? 0),
    ends.reduce((most, each) => Math.max(most, Math.abs(each)), 0),
  );
  const fits = (exponent: number) =>
    begins.every((begin, at) => numberOf(begin, exponent) === numberOf(ends[at] ?? begin, exponent)) &&
    fewCells(steps, exponent, maxCells);
  let low = Math.max(FINEST, (largest > 0 ? Math.ceil(Math.log2(largest)) : 0) + 1 - LARGEST_SCALED) - 1;
  let high = COARSEST;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Whether `steps`, which rise, are in at most `maxCells` cells. */
function fewCells(steps: Float64Array, exponent: number, maxCells: number): boolean {
  let cells = 0;
  let before = Number.NaN;
  for (const step of steps) {
    const number = numberOf(step, exponent);
    if (number !== before) cells += 1;
    if (cells > maxCells) return false;
    before = number;
  }
  return true;
}

/** In which cell of width 2^`exponent` a step is. */
function numberOf(step: number, exponent: number): number {
  const scaled = step * 2 ** -exponent;
  // A tiny negative step can become -0 when it is scaled; it still belongs to the cell below zero.
  return scaled === 0 && step < 0 ? -1 : Math.floor(scaled);
}

/** `buckets` put together by cell; those without a finite value are left out. */
function cellsOf(buckets: Buckets, exponent: number): Cells {
  const stepFirst = column(buckets, "stepFirst");
  const stepLast = column(buckets, "stepLast");
  const [mean, min, max] = [column(buckets, "mean"), column(buckets, "min"), column(buckets, "max")];
  const weight = column(buckets, "count").map(
    (count, row) => count - (buckets.columns.nanCount[row] ?? 0) - (buckets.columns.infCount[row] ?? 0),
  );
  const isThere = (row: number) => (weight[row] ?? 0) > 0 && Number.isFinite(mean[row]);
  const cells = {
    number: [] as number[],
    step: [] as number[],
    mean: [] as number[],
    min: [] as number[],
    max: [] as number[],
  };
  for (let row = 0; row < buckets.rows; row += 1) {
    if (!isThere(row)) continue;
    const number = numberOf(stepFirst[row] ?? 0, exponent);
    // Of one cell are those that follow each other.
    let count = weight[row] ?? 0;
    let end = row + 1;
    let last = row;
    for (; end < buckets.rows && numberOf(stepFirst[end] ?? 0, exponent) === number; end += 1) {
      if (!isThere(end)) continue;
      count += weight[end] ?? 0;
      last = end;
    }
    let [sum, least, most] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let at = row; at < end; at += 1) {
      if (!isThere(at)) continue;
      sum += (mean[at] ?? 0) * ((weight[at] ?? 0) / count);
      least = Math.min(least, min[at] ?? least);
      most = Math.max(most, max[at] ?? most);
    }
    cells.number.push(number);
    cells.step.push((stepFirst[row] ?? 0) / 2 + (stepLast[last] ?? 0) / 2);
    cells.mean.push(sum);
    cells.min.push(least);
    cells.max.push(most);
    row = end - 1;
  }
  return {
    number: Float64Array.from(cells.number),
    step: Float64Array.from(cells.step),
    mean: Float64Array.from(cells.mean),
    min: Float64Array.from(cells.min),
    max: Float64Array.from(cells.max),
  };
}
