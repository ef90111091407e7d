/** The words for the place under the cursor. Pure. */

import type { Line, XAxis } from "#base/line.ts";
import { formatCount, formatNumber } from "#base/numbers.ts";
import { formatDuration, formatMoment } from "#base/time.ts";
import type { Hit, Tip } from "#widgets/line-chart-tip.ts";

/** A tip of more lines than this hides the chart. */
const MOST_ROWS = 12;

/** What the lines under the cursor at `x` have: all about a single one, the values of several, the nearest first. */
export function describeHits(hits: readonly Hit[], x: number, xAxis: XAxis, over: string | null): Tip {
  const [first] = hits;
  if (hits.length === 1 && first !== undefined) return describeOne(first, xAxis, over);
  const shown = hits.slice(0, MOST_ROWS);
  const rows = [...shown]
    .sort((a, b) => valueAt(b) - valueAt(a))
    .map((hit) => ({
      color: hit.curve.color,
      label: hit.curve.label,
      value: formatNumber(valueAt(hit)),
      strong: hit === first && hit.isNear,
    }));
  const left = hits.length - shown.length;
  return { title: placeWords(x, xAxis, over), rows, words: left > 0 ? [`and ${formatCount(left)} more`] : [] };
}

function valueAt({ curve, at }: Hit): number {
  return curve.line.y[at] ?? Number.NaN;
}

/** Where `x` is: a step, a stretch since the beginning, a moment, or a value of another series. */
export function placeWords(x: number, xAxis: XAxis, over: string | null): string {
  switch (xAxis) {
    case "step":
      return `step ${formatNumber(Math.abs(x) >= 100 ? Math.round(x) : x)}`;
    case "relative":
      return formatDuration(x * 1000);
    case "time":
      return formatMoment(x * 1000);
    case "series":
      return `${over ?? ""} ${formatNumber(x)}`.trim();
  }
}

function describeOne({ curve, at }: Hit, xAxis: XAxis, over: string | null): Tip {
  const { line } = curve;
  const words = [...spreadWords(line, at), ...stepWords(line, at)];
  if (xAxis !== "step") words.push(placeWords(line.x[at] ?? 0, xAxis, over));
  return { title: formatNumber(line.y[at] ?? Number.NaN), rows: [], words };
}

function spreadWords({ raw, low, high, count }: Line, at: number): string[] {
  const words: string[] = [];
  const unsmoothed = raw?.[at];
  if (unsmoothed !== undefined && !Number.isNaN(unsmoothed)) words.push(`raw ${formatNumber(unsmoothed)}`);
  if ((count[at] ?? 1) > 1 && low !== null && high !== null) {
    words.push(`${formatNumber(low[at] ?? Number.NaN)} … ${formatNumber(high[at] ?? Number.NaN)}`);
  }
  return words;
}

function stepWords({ stepFirst, stepLast, time, count }: Line, at: number): string[] {
  const first = stepFirst[at] ?? 0;
  const last = stepLast[at] ?? 0;
  const points = count[at] ?? 1;
  // A group has no times, and its count is of runs.
  if (time === null) return [`step ${formatNumber(last)}`];
  if (points <= 1) return [`step ${formatNumber(last)}`];
  return [`steps ${formatNumber(first)}–${formatNumber(last)}, ${formatCount(points)} points`];
}
