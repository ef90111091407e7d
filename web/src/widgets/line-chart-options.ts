/** How uPlot is told to draw a line: axes, envelope, ghost, marks for values that are not finite. */

import type uPlot from "uplot";
import { withAlpha } from "#base/color.ts";
import type { Line, XAxis } from "#base/line.ts";
import { formatCompact, formatNumber } from "#base/numbers.ts";
import { formatClock, formatDate, formatDuration } from "#base/time.ts";

export interface ChartLook {
  readonly color: string;
  readonly dark: boolean;
}

export interface ChartSetup {
  readonly width: number;
  readonly height: number;
  readonly xAxis: XAxis;
  readonly logY: boolean;
  readonly look: ChartLook;
  readonly syncKey: string;
  /** Whether an envelope is drawn. */
  readonly layered: boolean;
  /** Whether the line before smoothing is drawn. */
  readonly ghosted: boolean;
  readonly xRange: () => readonly [number, number] | null;
  readonly line: () => Line;
  readonly onZoom: (from: number, to: number) => void;
  readonly onReset: () => void;
  readonly onDrawn: () => void;
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
  const { look, logY, xAxis } = setup;
  const ink = look.dark ? "#97a3b0" : "#5b6774";
  // A logarithmic axis has nine lines for each that a linear one has.
  const strength = logY ? 0.04 : 0.07;
  const grid = { stroke: withAlpha(look.dark ? "#ffffff" : "#0f172a", strength), width: 1 };
  const axis = { stroke: ink, font: FONT, grid, ticks: { show: false } };
  return {
    width: setup.width,
    height: setup.height,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: xAxis === "time", range: (_plot, min, max) => stretchX(setup.xRange(), min, max) },
      y: logY ? { distr: 3, log: 10 } : {},
    },
    axes: [
      { ...axis, size: X_AXIS_HEIGHT, gap: 4, space: 70, ...xTicks(xAxis) },
      {
        ...axis,
        size: Y_AXIS_WIDTH,
        gap: 6,
        space: 32,
        values: (_plot, splits) => splits.map((value) => (value === null ? "" : formatCompact(value))),
      },
    ],
    series: series(setup),
    bands: setup.layered ? [{ series: [2, 1], fill: withAlpha(look.color, 0.18) }] : [],
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false, dist: SMALLEST_DRAG },
      points: { size: 7, fill: look.color, show: true },
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
      draw: [(plot) => drawMarks(plot, setup.line(), look), () => setup.onDrawn()],
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

function isMovement(type: string): boolean {
  return type === "mousemove" || type === "mouseleave";
}

function stretchX(chosen: readonly [number, number] | null, min: number, max: number): [number, number] {
  if (chosen !== null) return [chosen[0], chosen[1]];
  // A single point gets some room at both sides; uPlot cannot divide by an empty stretch.
  return min === max ? [min - 1, max + 1] : [min, max];
}

function xTicks(xAxis: XAxis): Partial<uPlot.Axis> {
  if (xAxis === "step") {
    return { values: (_plot, splits) => splits.map((value) => formatCompact(value)) };
  }
  if (xAxis === "relative") {
    return { incrs: DURATION_STEPS, values: (_plot, splits) => splits.map((value) => durationTick(value)) };
  }
  return { values: (plot, splits) => splits.map((value) => clockTick(value, plot)) };
}

function durationTick(seconds: number): string {
  if (seconds < 0) return `−${durationTick(-seconds)}`;
  return seconds < 1 ? `${formatNumber(seconds)}s` : formatDuration(seconds * 1000).replace(/ 00[ms]$/, "");
}

function clockTick(seconds: number, plot: uPlot): string {
  const { min, max } = plot.scales.x ?? {};
  const long = (max ?? 0) - (min ?? 0) > 2 * DAY_S;
  return long ? formatDate(seconds * 1000).slice(5) : formatClock(seconds * 1000);
}

function series({ look, layered, ghosted }: ChartSetup): uPlot.Series[] {
  // The fill of a spike that is one bucket wide is too thin to be seen; its edge is not.
  const edge: uPlot.Series = { stroke: withAlpha(look.color, 0.3), width: 0.75, points: { show: false } };
  const list: uPlot.Series[] = [{}];
  if (layered) list.push(edge, edge);
  if (ghosted) list.push({ stroke: withAlpha(look.color, 0.3), width: 1, points: { show: false } });
  list.push({
    stroke: look.color,
    width: 1.5,
    points: { size: 4, fill: look.color, show: (plot, index) => isSparse(plot, index) },
  });
  return list;
}

/** A line of few points shows them; one of many would drown in them. */
function isSparse(plot: uPlot, index: number): boolean {
  return (plot.data[index]?.length ?? 0) <= 40;
}

const MARK = 4;

/** NaN as crosses on the lower edge, infinities as triangles at the edge that they point to. */
function drawMarks(plot: uPlot, line: Line, look: ChartLook): void {
  const marks = line.nanAt.length + line.highInfAt.length + line.lowInfAt.length;
  if (marks === 0) return;
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const size = MARK * scale;
  const top = bbox.top + size + 1;
  const bottom = bbox.top + bbox.height - size - 1;
  ctx.save();
  ctx.strokeStyle = look.dark ? "#ff9d7a" : "#b3400f";
  ctx.fillStyle = ctx.strokeStyle;
  ctx.lineWidth = 1.5 * scale;
  const each = (places: readonly number[], draw: (x: number) => void) => {
    for (const place of places) {
      const x = plot.valToPos(line.x[place] ?? 0, "x", true);
      if (x >= bbox.left && x <= bbox.left + bbox.width) draw(x);
    }
  };
  const triangle = (x: number, y: number, tip: number) => {
    ctx.beginPath();
    ctx.moveTo(x - size, y);
    ctx.lineTo(x + size, y);
    ctx.lineTo(x, y + tip);
    ctx.fill();
  };
  each(line.nanAt, (x) => {
    ctx.beginPath();
    ctx.moveTo(x - size / 2, bottom - size / 2);
    ctx.lineTo(x + size / 2, bottom + size / 2);
    ctx.moveTo(x + size / 2, bottom - size / 2);
    ctx.lineTo(x - size / 2, bottom + size / 2);
    ctx.stroke();
  });
  each(line.highInfAt, (x) => triangle(x, top + size / 2, -size * 1.5));
  each(line.lowInfAt, (x) => triangle(x, bottom - size / 2, size * 1.5));
  ctx.restore();
}
