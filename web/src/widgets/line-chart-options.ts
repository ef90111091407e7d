/** How uPlot is told to make a chart: its axes, its cursor and its zoom. What is drawn between them is `line-paint.ts`. */

import type uPlot from "uplot";
import { withAlpha } from "#base/color.ts";
import type { XAxis } from "#base/line.ts";
import { formatCompact, formatNumber } from "#base/numbers.ts";
import { formatClock, formatDate, formatDuration } from "#base/time.ts";
import type { Range } from "#base/value-range.ts";

export interface ChartScales {
  readonly xAxis: XAxis;
  readonly logX: boolean;
  readonly logY: boolean;
}

export interface ChartSetup extends ChartScales {
  readonly width: number;
  readonly height: number;
  readonly dark: boolean;
  readonly syncKey: string;
  readonly xRange: () => Range;
  readonly yRange: () => Range;
  readonly onZoom: (from: number, to: number) => void;
  readonly onReset: () => void;
  readonly onDraw: (plot: uPlot) => void;
  readonly onCursor: (plot: uPlot) => void;
}

const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
/** Wide enough for `−1.2346e−5`, and the same everywhere so that panels line up. */
const Y_AXIS_WIDTH = 54;
const X_AXIS_HEIGHT = 26;
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
];
/** Fewer pixels than this are a click, not a stretch. */
const SMALLEST_DRAG = 6;

export function chartOptions(setup: ChartSetup): uPlot.Options {
  const { dark, logX, logY, xAxis } = setup;
  const ink = dark ? "#97a3b0" : "#5b6774";
  const line = dark ? "#ffffff" : "#0f172a";
  // A logarithmic axis has nine lines for each that a linear one has.
  const grid = (log: boolean) => ({ stroke: withAlpha(line, log ? 0.04 : 0.07), width: 1 });
  const axis = { stroke: ink, font: FONT, ticks: { show: false } };
  const isTime = xAxis === "time" && !logX;
  return {
    width: setup.width,
    height: setup.height,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: isTime, range: () => [...setup.xRange()], ...(logX ? { distr: 3, log: 10 } : {}) },
      y: { range: () => [...setup.yRange()], ...(logY ? { distr: 3, log: 10 } : {}) },
    },
    axes: [
      { ...axis, grid: grid(logX), size: X_AXIS_HEIGHT, gap: 4, space: 70, ...xTicks(setup) },
      { ...axis, grid: grid(logY), size: Y_AXIS_WIDTH, gap: 6, space: 32, values: compactTicks },
    ],
    // uPlot makes the axes; `onDraw` draws the lines, which need not share their places as uPlot's must.
    series: [{}, { paths: () => null, points: { show: false } }],
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false, dist: SMALLEST_DRAG },
      points: { show: false },
      sync: {
        key: setup.syncKey,
        setSeries: false,
        scales: ["x", null],
        // A drag in one chart must not select in the others: they would all be zoomed and fetched.
        filters: { pub: isMovement, sub: isMovement },
      },
      bind: {
        dblclick: () => () => {
          setup.onReset();
          return null;
        },
      },
    },
    hooks: {
      draw: [setup.onDraw],
      setCursor: [setup.onCursor],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < SMALLEST_DRAG) return;
          const from = plot.posToVal(left, "x");
          const to = plot.posToVal(left + width, "x");
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          setup.onZoom(from, to);
        },
      ],
    },
  };
}

/** Move the cursor of `plot`, and with it those of its charts in step, as a mouse does. */
export function leadCursor(plot: uPlot, left: number, top: number): void {
  // The types of uPlot leave out the last argument, by which the other charts are told.
  const lead: (to: { left: number; top: number }, fire: boolean, tell: boolean) => void = plot.setCursor;
  lead({ left, top }, true, true);
}

function isMovement(type: string): boolean {
  return type === "mousemove" || type === "mouseleave";
}

function compactTicks(_plot: uPlot, splits: number[]): string[] {
  return splits.map((value) => (value === null ? "" : formatCompact(value)));
}

function xTicks({ xAxis, logX }: ChartScales): Partial<uPlot.Axis> {
  if (xAxis === "relative") {
    const values: uPlot.Axis.Values = (_plot, splits) =>
      splits.map((value) => (value === null ? "" : durationTick(value)));
    return logX ? { values } : { incrs: DURATION_STEPS, values };
  }
  if (xAxis === "time") return { values: (plot, splits) => splits.map((value) => clockTick(value, plot)) };
  return { values: compactTicks };
}

function durationTick(seconds: number): string {
  if (seconds < 0) return `−${durationTick(-seconds)}`;
  return seconds < 1 ? `${formatNumber(seconds)}s` : formatDuration(seconds * 1000).replace(/ 00[ms]$/, "");
}

function clockTick(seconds: number, plot: uPlot): string {
  if (seconds === null) return "";
  const { min, max } = plot.scales.x ?? {};
  const long = (max ?? 0) - (min ?? 0) > 2 * DAY_S;
  return long ? formatDate(seconds * 1000).slice(5) : formatClock(seconds * 1000);
}
