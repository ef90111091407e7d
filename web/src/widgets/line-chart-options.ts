/** How uPlot is told to make a chart: its axes, its cursor and its zoom. What is drawn between them is `line-paint.ts`. */

import type uPlot from "uplot";
import { withAlpha } from "#base/color.ts";
import type { XAxis } from "#base/line.ts";
import type { Range } from "#base/value-range.ts";
import { xTicks, yTicks } from "./line-chart-axes.ts";

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
const X_AXIS_HEIGHT = 26;
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
      { ...axis, grid: grid(logX), size: X_AXIS_HEIGHT, gap: 4, ...xTicks(xAxis, logX) },
      { ...axis, grid: grid(logY), gap: 6, ...yTicks(logY) },
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
