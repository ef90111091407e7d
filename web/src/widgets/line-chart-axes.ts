/** Where a chart has ticks, and the words at them. uPlot's own numbers end at a million billionth, and repeat themselves. */

import type uPlot from "uplot";
import type { XAxis } from "#base/line.ts";
import { logGrid, logTicks, roundTicks, tickWords } from "#base/ticks.ts";
import { formatClock, formatDate, formatSeconds } from "#base/time.ts";

/** Wide enough for `−1.2346e−5`, and the same as long as words are no longer, so that panels line up. */
const Y_AXIS_WIDTH = 54;
const Y_SPACE = 32;
const X_SPACE = 70;
/** About the width of a digit, and what is left between two words, in pixels. */
const DIGIT = 6.2;
const BETWEEN = 16;
const DAY_S = 86_400;
/** Steps between ticks of a stretch of time, in seconds. */
const DURATION_STEPS = [
  0.001,
  0.002,
  0.005,
  0.01,
  0.02,
  0.05,
  0.1,
  0.2,
  0.5,
  1,
  2,
  5,
  10,
  15,
  30,
  60,
  120,
  300,
  600,
  900,
  1800,
  3600,
  7200,
  14_400,
  21_600,
  43_200,
  DAY_S,
  2 * DAY_S,
  7 * DAY_S,
  30 * DAY_S,
  100 * DAY_S,
  500 * DAY_S,
];

export function yTicks(log: boolean): Partial<uPlot.Axis> {
  return {
    ...numberTicks(log, Y_SPACE, () => Y_SPACE),
    size: (_plot, words) => Math.max(Y_AXIS_WIDTH, Math.ceil(Math.max(0, ...(words ?? []).map(widthOf))) + BETWEEN),
  };
}

export function xTicks(xAxis: XAxis, log: boolean): Partial<uPlot.Axis> {
  if (xAxis === "relative") {
    const values: uPlot.Axis.Values = (_plot, ticks) => ticks.map((tick) => (tick === null ? "" : formatSeconds(tick)));
    return log ? { ...numberTicks(log, X_SPACE, widest), values } : { space: X_SPACE, incrs: DURATION_STEPS, values };
  }
  if (xAxis === "time") {
    const values: uPlot.Axis.Values = (plot, ticks) => clockWords(ticks, plot);
    return log ? { ...numberTicks(log, X_SPACE, widest), values } : { space: X_SPACE, values };
  }
  return numberTicks(log, X_SPACE, widest);
}

/** Round numbers, at least `space` pixels apart, and so far that their words have the room that `room` says. */
function numberTicks(log: boolean, space: number, room: (words: readonly string[]) => number): Partial<uPlot.Axis> {
  const shown = (from: number, to: number, length: number): readonly number[] => {
    const ticks = (pixels: number) => (log ? logTicks : roundTicks)(from, to, Math.max(1, length / pixels));
    const first = ticks(space);
    const wanted = room(tickWords(first));
    return wanted > space ? ticks(wanted) : first;
  };
  let labelled: readonly number[] = [];
  return {
    space,
    // Without an increment that it knows uPlot draws no axis at all; the places are chosen below.
    incrs: (_plot, _axis, from, to) => [Math.max(KNOWN_INCREMENT, to - from)],
    splits: (_plot, _axis, from, to, increment, pixels) => {
      labelled = shown(from, to, (pixels / increment) * (to - from));
      return log ? [...new Set([...logGrid(from, to), ...labelled])].sort((a, b) => a - b) : [...labelled];
    },
    filter: (_plot, ticks) => ticks.map((tick) => (labelled.includes(tick) ? tick : null)),
    values: (_plot, ticks) => {
      const words = tickWords(labelled);
      return ticks.map((tick) => (tick === null ? "" : (words[labelled.indexOf(tick)] ?? "")));
    },
  };
}

/** From here on uPlot does not ask how many decimals an increment has. */
const KNOWN_INCREMENT = 5;

function widest(words: readonly string[]): number {
  return Math.max(0, ...words.map(widthOf)) + BETWEEN;
}

function widthOf(words: string): number {
  return words.length * DIGIT;
}

/** Times of the day, or dates where days pass; with a date or fractions of a second where ticks differ in nothing else. */
function clockWords(ticks: readonly (number | null)[], plot: uPlot): string[] {
  const { min, max } = plot.scales.x ?? {};
  const isLong = (max ?? 0) - (min ?? 0) > 2 * DAY_S;
  const isWhole = ticks.every((tick) => tick === null || Number.isInteger(tick));
  const word = (tick: number) => {
    const moment = tick * 1000;
    const clock = formatClock(moment);
    if (!isLong) return isWhole ? clock : `${clock}${(tick % 1).toFixed(3).slice(1)}`;
    const date = formatDate(moment).slice(5);
    return clock === "00:00:00" ? date : `${date} ${clock.slice(0, 5)}`;
  };
  return ticks.map((tick) => (tick === null ? "" : word(tick)));
}
