/** The words for the place under the cursor. */

import type { Buckets } from "#base/buckets.ts";
import type { Line, XAxis } from "#base/line.ts";
import { formatCount, formatNumber } from "#base/numbers.ts";
import { formatDuration, formatMoment } from "#base/time.ts";

/** Where the `at`th place of `line` is, and what value it has there. `origin` is when the run was created. */
export function describePlace(
  buckets: Buckets,
  line: Line,
  at: number,
  origin: number,
  xAxis: XAxis,
): readonly [where: string, what: string] {
  const row = line.rows[at];
  if (row === undefined || row >= buckets.rows) return ["", ""];
  const { stepFirst, stepLast, timeLast, first, last, min, max, count } = buckets.columns;
  const points = count[row] ?? 1;
  const from = formatNumber(stepFirst[row] ?? 0);
  const to = formatNumber(stepLast[row] ?? 0);
  const step = points > 1 ? `steps ${from}–${to} (${formatCount(points)} points)` : `step ${to}`;
  const time = timeLast[row] ?? 0;
  const where =
    xAxis === "relative"
      ? `${formatDuration(time - origin)} · ${step}`
      : xAxis === "time"
        ? `${formatMoment(time)} · ${step}`
        : step;
  const shown = line.y[at];
  const raw = points === 1 ? (first[row] ?? Number.NaN) : (last[row] ?? Number.NaN);
  if (shown === null || shown === undefined) return [where, formatNumber(raw)];
  const unsmoothed = line.raw?.[at];
  const parts = [formatNumber(shown)];
  if (unsmoothed !== undefined && unsmoothed !== null) parts.push(`(raw ${formatNumber(unsmoothed)})`);
  if (points > 1) parts.push(`min ${formatNumber(min[row] ?? Number.NaN)} max ${formatNumber(max[row] ?? Number.NaN)}`);
  return [where, parts.join("  ")];
}
