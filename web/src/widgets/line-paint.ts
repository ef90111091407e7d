/** Paints lines onto a chart's canvas: envelope, ghost, the line itself, marks for values that are not finite. */

import type uPlot from "uplot";
import { withAlpha } from "#base/color.ts";
import type { Line } from "#base/line.ts";
import { PIN_ROW, type Pin, placePins } from "#base/pins.ts";

/** A line with what tells it from the others. */
export interface Curve {
  /** The run or the group that it is of. */
  readonly id: string;
  readonly label: string;
  /** #rrggbb. */
  readonly color: string;
  /** Lengths of dashes and gaps; empty for a solid line. */
  readonly dash: readonly number[];
  readonly line: Line;
}

/** A line of few points shows them; one of many would drown in them. */
const MOST_DOTS = 40;
/** How much of the other lines is hidden while one is singled out. */
const VEIL = 0.72;
const MARK = 4;

/** Bands of more lines than this veil each other; then only the line that is singled out has one. */
const MOST_BANDS = 24;

/** Paint all of `curves` onto the canvas of `plot`. */
export function paintCurves(plot: uPlot, curves: readonly Curve[], dark: boolean): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineJoin = "round";
  // Bands lie below all lines, or the last run's band would veil the others' lines.
  if (curves.length <= MOST_BANDS) for (const curve of curves) paintBand(ctx, plot, curve);
  for (const curve of curves) paintLine(ctx, plot, curve, 1.5);
  for (const { line } of curves) paintMarks(ctx, plot, line, dark);
  ctx.restore();
}

/** Paint a dashed line from top to bottom at each pin, with its text beside it. */
export function paintPins(plot: uPlot, pins: readonly Pin[], dark: boolean): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${11 * scale}px system-ui, sans-serif`;
  ctx.textBaseline = "top";
  // uPlot leaves it as its axes need it.
  ctx.textAlign = "left";
  ctx.lineWidth = scale;
  const placed = placePins(pins, {
    left: bbox.left,
    right: bbox.left + bbox.width,
    pixel: scale,
    placeOf: (x) => plot.valToPos(x, "x", true),
    widthOf: (words) => ctx.measureText(words).width,
  });
  for (const { place, start, width, row, text, color } of placed) {
    const top = bbox.top + (2 + row * PIN_ROW) * scale;
    ctx.setLineDash([3 * scale, 3 * scale]);
    ctx.strokeStyle = color;
    ctx.beginPath();
    ctx.moveTo(place, bbox.top);
    ctx.lineTo(place, bbox.top + bbox.height);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.fillStyle = withAlpha(dark ? "#101418" : "#ffffff", 0.8);
    ctx.fillRect(start, top, width, PIN_ROW * scale);
    ctx.fillStyle = dark ? "#e4e9ee" : "#1b222a";
    ctx.fillText(text, start + 3 * scale, top + scale);
  }
  ctx.restore();
}

/**
 * Paint `curve` onto a canvas that lies over the lines of `plot`, with a veil over all others.
 *
 * The cursor singles out one line after another: painting all of them anew each time would be too slow.
 */
export function paintHighlight(canvas: HTMLCanvasElement, plot: uPlot, curve: Curve, dark: boolean): void {
  const { left, top, width, height } = plot.bbox;
  const isSized = canvas.width === Math.round(width) && canvas.height === Math.round(height);
  if (!isSized) {
    canvas.width = Math.round(width);
    canvas.height = Math.round(height);
  }
  const ctx = canvas.getContext("2d");
  if (ctx === null) return;
  ctx.clearRect(0, 0, width, height);
  ctx.save();
  ctx.fillStyle = withAlpha(dark ? "#101418" : "#ffffff", VEIL);
  ctx.fillRect(0, 0, width, height);
  ctx.translate(-left, -top);
  ctx.lineJoin = "round";
  paintBand(ctx, plot, curve);
  paintLine(ctx, plot, curve, 2.5);
  ctx.restore();
}

function paintBand(ctx: CanvasRenderingContext2D, plot: uPlot, { line, color }: Curve): void {
  const { low, high } = line;
  if (low === null || high === null) return;
  const places = pixels(plot, line.x, "x");
  const lows = pixels(plot, low, "y");
  const highs = pixels(plot, high, "y");
  ctx.fillStyle = withAlpha(color, 0.18);
  ctx.strokeStyle = withAlpha(color, 0.3);
  ctx.lineWidth = 0.75 * devicePixelRatio;
  ctx.setLineDash([]);
  for (let from = 0; from < places.length; from += 1) {
    if (Number.isNaN(lows[from]) || Number.isNaN(highs[from])) continue;
    let to = from;
    while (to + 1 < places.length && !Number.isNaN(lows[to + 1]) && !Number.isNaN(highs[to + 1])) to += 1;
    ctx.beginPath();
    for (let at = from; at <= to; at += 1) ctx.lineTo(places[at] ?? 0, highs[at] ?? 0);
    for (let at = to; at >= from; at -= 1) ctx.lineTo(places[at] ?? 0, lows[at] ?? 0);
    ctx.closePath();
    ctx.fill();
    // The fill of a spike that is one bucket wide is too thin to be seen; its edge is not.
    ctx.stroke();
    from = to;
  }
}

function paintLine(ctx: CanvasRenderingContext2D, plot: uPlot, { line, color, dash }: Curve, width: number): void {
  const scale = devicePixelRatio;
  const places = pixels(plot, line.x, "x");
  ctx.setLineDash(dash.map((length) => length * scale));
  if (line.raw !== null) {
    ctx.strokeStyle = withAlpha(color, 0.3);
    ctx.lineWidth = scale;
    stroke(ctx, places, pixels(plot, line.raw, "y"));
  }
  const values = pixels(plot, line.y, "y");
  ctx.strokeStyle = color;
  ctx.lineWidth = width * scale;
  stroke(ctx, places, values);
  ctx.setLineDash([]);
  ctx.fillStyle = color;
  const sparse = places.length <= MOST_DOTS;
  for (let at = 0; at < places.length; at += 1) {
    if (Number.isNaN(values[at])) continue;
    // A point between two gaps is no line; without its dot it would not be seen.
    const alone = isGap(values, at - 1) && isGap(values, at + 1);
    if (sparse || alone) dot(ctx, places[at] ?? 0, values[at] ?? 0, 2 * scale);
  }
}

function isGap(values: Float64Array, at: number): boolean {
  return at < 0 || at >= values.length || Number.isNaN(values[at]);
}

function dot(ctx: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}

function stroke(ctx: CanvasRenderingContext2D, places: Float64Array, values: Float64Array): void {
  ctx.beginPath();
  let drawing = false;
  for (let at = 0; at < places.length; at += 1) {
    const y = values[at] ?? Number.NaN;
    if (Number.isNaN(y)) {
      drawing = false;
      continue;
    }
    if (drawing) ctx.lineTo(places[at] ?? 0, y);
    else ctx.moveTo(places[at] ?? 0, y);
    drawing = true;
  }
  ctx.stroke();
}

/** A canvas draws no line to a place that is millions of pixels away. */
const FAR = 50_000;
/** What uPlot calls a logarithmic scale. */
const LOGARITHMIC = 3;

/** Where `values` are on the canvas. Two places tell where all are; to ask for each would be slow. */
function pixels(plot: uPlot, values: Float64Array, scale: "x" | "y"): Float64Array {
  const { min = 0, max = 1, distr } = plot.scales[scale] ?? {};
  const isLog = distr === LOGARITHMIC;
  const from = isLog ? Math.log10(min ?? 1) : (min ?? 0);
  const to = isLog ? Math.log10(max ?? 10) : (max ?? 1);
  const start = plot.valToPos(min ?? 0, scale, true);
  const factor = (plot.valToPos(max ?? 1, scale, true) - start) / (to - from);
  const places = new Float64Array(values.length);
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? Number.NaN;
    const place = start + ((isLog ? Math.log10(value) : value) - from) * factor;
    places[at] = place > FAR ? FAR : place < -FAR ? -FAR : place;
  }
  return places;
}

/** NaN as crosses on the lower edge, infinities as triangles at the edge that they point to, or as rhombs at the upper. */
function paintMarks(ctx: CanvasRenderingContext2D, plot: uPlot, line: Line, dark: boolean): void {
  if (line.nanAt.length + line.highInfAt.length + line.lowInfAt.length + line.someInfAt.length === 0) return;
  const { bbox } = plot;
  const scale = devicePixelRatio;
  const size = MARK * scale;
  const top = bbox.top + size + 1;
  const bottom = bbox.top + bbox.height - size - 1;
  ctx.setLineDash([]);
  ctx.strokeStyle = dark ? "#ff9d7a" : "#b3400f";
  ctx.fillStyle = ctx.strokeStyle;
  ctx.lineWidth = 1.5 * scale;
  const each = (places: readonly number[], draw: (x: number) => void) => {
    for (const place of places) draw(plot.valToPos(line.x[place] ?? 0, "x", true));
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
  each(line.someInfAt, (x) => {
    triangle(x, top, -size);
    triangle(x, top, size);
  });
}
