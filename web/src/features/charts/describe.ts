/** The words for the place under the cursor. */

import type { Buckets } from "#base/buckets.ts";
import type { Line, XAxis } from "#base/line.ts";
import { formatCount, formatNumber } from "#base/numbers.ts";
import { formatDuration, formatMoment } from "#base/time.ts";

/** What value the `at`th place of `line` has, how far its points spread, and where it is. `origin` is the run's start. */
export function describePlace(buckets: Buckets, line: Line, at: number, origin: number, xAxis: XAxis): string[] {
  const row = line.rows[at];
  if (row === undefined || row >= buckets.rows) return [];
  const { stepFirst, stepLast, timeLast, last, min, max, count } = buckets.columns;
  const points = count[row] ?? 1;
  const from = formatNumber(stepFirst[row] ?? 0);
  const to = formatNumber(stepLast[row] ?? 0);
  const shown = line.y[at] ?? last[row] ?? Number.NaN;
  const unsmoothed = line.raw?.[at];
  const words = [formatNumber(shown)];
  if (unsmoothed !== undefined && unsmoothed !== null) words.push(`raw ${formatNumber(unsmoothed)}`);
  if (points > 1) words.push(`${formatNumber(min[row] ?? Number.NaN)} … ${formatNumber(max[row] ?? Number.NaN)}`);
  words.push(points > 1 ? `steps ${from}–${to}, ${formatCount(points)} points` : `step ${to}`);
  const time = timeLast[row] ?? 0;
  if (xAxis === "relative") words.push(formatDuration(time - origin));
  if (xAxis === "time") words.push(formatMoment(time));
  return words;
}
