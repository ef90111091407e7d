/** A chart as an SVG drawing that stands for itself: axes, bands, lines and their names, pinned texts. Pure. */

import type { Line, XAxis } from "./line.ts";
import { PIN_ROW, type Pin, placePins } from "./pins.ts";
import { type Scale, scale } from "./scale.ts";
import { logTicks, roundTicks, tickWords } from "./ticks.ts";
import { formatSeconds } from "./time.ts";
import { placeRange, type Range, valueRange } from "./value-range.ts";

interface DrawnLine {
  readonly label: string;
  readonly color: string;
  readonly dash: readonly number[];
  readonly line: Line;
}

export interface SvgOptions {
  readonly title: string;
  readonly xTitle: string;
  readonly xAxis: XAxis;
  readonly curves: readonly DrawnLine[];
  /** Texts that are pinned to places of the x axis. */
  readonly pins: readonly Pin[];
  readonly logX: boolean;
  readonly logY: boolean;
  readonly robust: boolean;
  readonly dark: boolean;
  /** The stretch of the x axis; null is all of it. */
  readonly xRange: Range | null;
}

const WIDTH = 900;
const PLOT_HEIGHT = 420;
const LEFT = 70;
const RIGHT = 20;
const TOP = 44;
const BELOW = 52;
const NAME_HEIGHT = 18;
const MOST_TICKS = 8;
/** A line of few points shows them. */
const MOST_DOTS = 40;
const MARK = 10;
/** Ticks of a shorter stretch of time are less than a minute apart. */
const SHORT_S = 600;

/** The text of an SVG file. */
export function chartSvg(options: SvgOptions): string {
  const { title, xTitle, curves, logX, logY, robust, dark } = options;
  const lines = curves.map(({ line }) => line);
  const wide = options.xRange ?? placeRange(lines) ?? (logX ? [1, 10] : [0, 1]);
  const xs: Range = wide[0] < wide[1] ? wide : logX ? [wide[0] / 2, wide[0] * 2] : [wide[0] - 1, wide[0] + 1];
  const heights = (within: Range | null) => valueRange(lines, { within, robust, log: logY });
  const ys = heights(options.xRange) ?? heights(null) ?? (logY ? [1, 10] : [0, 1]);
  const x = scale(xs, LEFT, WIDTH - RIGHT, logX);
  const y = scale(ys, TOP + PLOT_HEIGHT, TOP, logY);
  const height = TOP + PLOT_HEIGHT + BELOW + curves.length * NAME_HEIGHT;
  const ink = dark ? "#e4e9ee" : "#1b222a";
  const dim = dark ? "#97a3b0" : "#5b6774";
  const grid = dark ? "#2a323a" : "#e7eaee";
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="${dark ? "#101418" : "#ffffff"}"/>`,
    `<text x="${LEFT}" y="24" font-size="15" font-weight="600" fill="${ink}">${escaped(title)}</text>`,
    `<clipPath id="plot"><rect x="${LEFT}" y="${TOP}" width="${WIDTH - LEFT - RIGHT}" height="${PLOT_HEIGHT}"/></clipPath>`,
  ];
  const yTicks = logY ? logTicks(ys[0], ys[1], MOST_TICKS) : roundTicks(ys[0], ys[1], MOST_TICKS);
  const yWords = tickWords(yTicks);
  for (const [index, tick] of yTicks.entries()) {
    const at = short(y(tick));
    parts.push(`<path d="M${LEFT} ${at}H${WIDTH - RIGHT}" stroke="${grid}"/>`);
    parts.push(`<text x="${LEFT - 8}" y="${at}" dy="4" text-anchor="end" fill="${dim}">${yWords[index]}</text>`);
  }
  const xTicks = logX ? logTicks(xs[0], xs[1], MOST_TICKS) : roundTicks(xs[0], xs[1], MOST_TICKS);
  const xWords = placeWords(xTicks, options.xAxis);
  for (const [index, tick] of xTicks.entries()) {
    const at = short(x(tick));
    parts.push(`<path d="M${at} ${TOP}V${TOP + PLOT_HEIGHT}" stroke="${grid}"/>`);
    parts.push(
      `<text x="${at}" y="${TOP + PLOT_HEIGHT + 18}" text-anchor="middle" fill="${dim}">${xWords[index]}</text>`,
    );
  }
  const middle = (LEFT + WIDTH - RIGHT) / 2;
  parts.push(
    `<text x="${middle}" y="${TOP + PLOT_HEIGHT + 38}" text-anchor="middle" fill="${dim}">${escaped(xTitle)}</text>`,
    `<g clip-path="url(#plot)" fill="none" stroke-linejoin="round">`,
  );
  for (const { line, color } of curves) {
    for (const band of bandPaths(line, x, y)) parts.push(`<path d="${band}" fill="${color}" fill-opacity="0.18"/>`);
  }
  for (const { line, color, dash } of curves) {
    const dashes = dash.length === 0 ? "" : ` stroke-dasharray="${dash.join(" ")}"`;
    if (line.raw !== null) {
      parts.push(`<path d="${linePath(line.x, line.raw, x, y)}" stroke="${color}" stroke-opacity="0.3"${dashes}/>`);
    }
    parts.push(`<path d="${linePath(line.x, line.y, x, y)}" stroke="${color}" stroke-width="1.5"${dashes}/>`);
    parts.push(...dotParts(line, color, x, y));
  }
  for (const { line } of curves) parts.push(...markParts(line, x, dark));
  parts.push(...pinParts(options, x, ink), "</g>");
  for (const [index, { label, color }] of curves.entries()) {
    const at = TOP + PLOT_HEIGHT + BELOW + index * NAME_HEIGHT;
    parts.push(`<rect x="${LEFT}" y="${at - 6}" width="18" height="4" fill="${color}"/>`);
    parts.push(`<text x="${LEFT + 26}" y="${at}" fill="${ink}">${escaped(label)}</text>`);
  }
  parts.push("</svg>");
  return parts.join("\n");
}

/** About the width of a letter of the pinned texts, in pixels. */
const LETTER = 6;

/** A dashed line from top to bottom at each pin, with its text beside it. */
function pinParts({ pins, dark }: SvgOptions, placeOf: Scale, ink: string): string[] {
  const widthOf = (words: string) => words.length * LETTER;
  return placePins(pins, { left: LEFT, right: WIDTH - RIGHT, pixel: 1, placeOf, widthOf }).flatMap(
    ({ place, start, width, row, text, color }) => {
      const top = TOP + 2 + row * PIN_ROW;
      return [
        `<path d="M${short(place)} ${TOP}V${TOP + PLOT_HEIGHT}" stroke="${color}" stroke-dasharray="3 3"/>`,
        `<rect x="${short(start)}" y="${top}" width="${width}" height="${PIN_ROW}" fill="${dark ? "#101418" : "#ffffff"}" fill-opacity="0.8"/>`,
        `<text x="${short(start + 3)}" y="${top + 10}" font-size="11" fill="${ink}">${escaped(text)}</text>`,
      ];
    },
  );
}

/** `M x y L x y …`; a gap begins a new stretch. */
function linePath(xs: Float64Array, ys: Float64Array, x: Scale, y: Scale): string {
  let path = "";
  let drawing = false;
  for (let at = 0; at < xs.length; at += 1) {
    const value = ys[at] ?? Number.NaN;
    if (Number.isNaN(value)) {
      drawing = false;
      continue;
    }
    path += `${drawing ? "L" : "M"}${short(x(xs[at] ?? 0))} ${short(y(value))}`;
    drawing = true;
  }
  return path;
}

/** As the canvas has them: all points of a line that has few, and those that stand between gaps. */
function dotParts({ x: xs, y: ys }: Line, color: string, x: Scale, y: Scale): string[] {
  const parts: string[] = [];
  const isGap = (at: number) => Number.isNaN(ys[at] ?? Number.NaN);
  for (let at = 0; at < xs.length; at += 1) {
    if (isGap(at) || (xs.length > MOST_DOTS && !(isGap(at - 1) && isGap(at + 1)))) continue;
    const [place, height] = [short(x(xs[at] ?? 0)), short(y(ys[at] ?? 0))];
    parts.push(`<circle cx="${place}" cy="${height}" r="2.5" fill="${color}"/>`);
  }
  return parts;
}

/** What is no number, at the edges of the plot. */
function markParts(line: Line, x: Scale, dark: boolean): string[] {
  const each = (places: readonly number[], sign: string, top: number) =>
    places.map((at) => `<text x="${short(x(line.x[at] ?? 0))}" y="${top}">${sign}</text>`);
  const bottom = TOP + PLOT_HEIGHT - 4;
  const marks = [
    ...each(line.nanAt, "✕", bottom),
    ...each(line.highInfAt, "▲", TOP + MARK),
    ...each(line.lowInfAt, "▼", bottom),
    ...each(line.someInfAt, "◆", TOP + MARK),
  ];
  if (marks.length === 0) return [];
  return [`<g fill="${dark ? "#ff9d7a" : "#b3400f"}" font-size="${MARK}" text-anchor="middle">`, ...marks, "</g>"];
}

function bandPaths({ x: xs, low, high }: Line, x: Scale, y: Scale): string[] {
  if (low === null || high === null) return [];
  const paths: string[] = [];
  const isGap = (at: number) => Number.isNaN(low[at] ?? Number.NaN) || Number.isNaN(high[at] ?? Number.NaN);
  for (let from = 0; from < xs.length; from += 1) {
    if (isGap(from)) continue;
    let to = from;
    while (to + 1 < xs.length && !isGap(to + 1)) to += 1;
    const upper: string[] = [];
    const lower: string[] = [];
    for (let at = from; at <= to; at += 1) {
      const place = short(x(xs[at] ?? 0));
      upper.push(`${place} ${short(y(high[at] ?? 0))}`);
      lower.unshift(`${place} ${short(y(low[at] ?? 0))}`);
    }
    paths.push(`M${[...upper, ...lower].join("L")}Z`);
    from = to;
  }
  return paths;
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function placeWords(ticks: readonly number[], xAxis: XAxis): string[] {
  if (xAxis === "relative") return ticks.map(formatSeconds);
  if (xAxis !== "time") return tickWords(ticks);
  const moments = ticks.map((tick) => new Date(tick * 1000).toISOString());
  const isShort = (ticks.at(-1) ?? 0) - (ticks[0] ?? 0) < SHORT_S;
  // The day stands in front, unless seconds and their fractions are what differs.
  return moments.map((moment) =>
    isShort ? moment.slice(11, 23).replace(".000", "") : moment.slice(5, 16).replace("T", " "),
  );
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
