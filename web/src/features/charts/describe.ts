/** The words for the place under the cursor. Pure. */

import type { Line, XAxis } from "#base/line.ts";
import { formatCount, formatNumber } from "#base/numbers.ts";
import { formatDuration, formatMoment } from "#base/time.ts";
import type { Hit, Tip } from "#widgets/line-chart-tip.ts";

/** A tip of more lines than this hides the chart. */
const MOST_ROWS = 12;
/** Half of the greatest float64: the difference of two is finite. */
const MOST_HEIGHT = Number.MAX_VALUE / 2;

/** What the lines under the cursor at `x` have: all about a single one, the values of several, the nearest first. */
export function describeHits(hits: readonly Hit[], x: number, xAxis: XAxis, over: string | null): Tip {
  const [first] = hits;
  if (hits.length === 1 && first !== undefined) return describeOne(first, xAxis, over);
  const shown = hits.slice(0, MOST_ROWS);
  const rows = [...shown]
    .sort((a, b) => heightOf(b) - heightOf(a))
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
  return curve.line.value[at] ?? Number.NaN;
}

/** What is no number comes last; a number, as two infinities have no difference to sort by. */
function heightOf(hit: Hit): number {
  const value = valueAt(hit);
  return Number.isNaN(value) ? -MOST_HEIGHT : Math.max(-MOST_HEIGHT, Math.min(value, MOST_HEIGHT));
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
  return { title: formatNumber(line.value[at] ?? Number.NaN), rows: [], words };
}

function spreadWords({ raw, least, greatest, low, count }: Line, at: number): string[] {
  const words: string[] = [];
  const unsmoothed = raw?.[at];
  if (unsmoothed !== undefined && !Number.isNaN(unsmoothed)) words.push(`raw ${formatNumber(unsmoothed)}`);
  const from = least[at] ?? Number.NaN;
  // An expression has no spread, and neither has a place without a finite point.
  if ((count[at] ?? 1) > 1 && low !== null && !Number.isNaN(from)) {
    words.push(`${formatNumber(from)} … ${formatNumber(greatest[at] ?? Number.NaN)}`);
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
