/** The stretch of the horizontal axis that charts show, and how an address says it. One per series, or of all; pure. */

import type { XAxis } from "#base/line.ts";
import type { Beside, SeriesRange } from "#base/series-range.ts";
import type { Reach } from "#base/smooth.ts";

export interface Zoom {
  /** What was dragged over, on the x axis. */
  readonly from: number;
  readonly to: number;
  /** What is asked for: steps, or milliseconds where the axis is one of time. */
  readonly first: number;
  readonly last: number;
  /** A stretch of one axis says nothing on another one. */
  readonly xAxis: XAxis;
}

/** Stands for every path in an address. */
export const ALL = "*";

const NUMBERS = 4;
/** What is asked for reaches beyond what is shown by this share at each side, so that lines go on to the edge. */
const BEYOND = 0.05;

/** The zoom to `[from, to]`; null if it is empty. `steps` are what lies there on the axis of another series. */
export function zoomTo(from: number, to: number, xAxis: XAxis, steps: readonly [number, number] | null): Zoom | null {
  if (xAxis === "series") return steps === null ? null : { from, to, first: steps[0], last: steps[1], xAxis };
  if (!(from < to)) return null;
  const scale = xAxis === "step" ? 1 : 1000;
  const room = (to - from) * BEYOND;
  return { from, to, first: (from - room) * scale, last: (to + room) * scale, xAxis };
}

/** What of a series `zoom` asks for. `origin` is the creation of the only run, in milliseconds; null if there are more. */
export function rangeOf({ xAxis, first, last }: Zoom, origin: number | null): SeriesRange {
  if (xAxis === "step" || xAxis === "series") return { by: "step", first, last };
  // Points that come live say their moments; a run's beginning is known here as well as on the server.
  if (xAxis === "relative" && origin !== null) return { by: "time", first: first + origin, last: last + origin };
  return { by: xAxis, first, last };
}

/** The most that the server answers. */
const MOST_BESIDE = 4096;
/** Few different numbers: where smoothing changes a little, what was fetched will do. */
const STEPS = 2;

/** What lies beside each of more lines takes longer to find than the lines themselves. */
const MANY = 24;

/** The points beside what a zoom asks for that lines need: those to which they go on, and all within these reaches. */
export function besideOf(lines: number, ...reaches: readonly Reach[]): Beside {
  const isPlain = reaches.every(({ before, after }) => before === 0 && after === 0);
  if (lines > MANY && isPlain) return { before: 0, after: 0 };
  const rounded = (points: number) =>
    Math.min(MOST_BESIDE, points <= 1 ? 1 : STEPS ** Math.ceil(Math.log(points) / Math.log(STEPS)));
  const sum = (pick: (reach: Reach) => number) => rounded(reaches.reduce((all, reach) => all + pick(reach), 0));
  return { before: sum(({ before }) => before), after: sum(({ after }) => after) };
}

/** `relative:0.5:2:10:40:train/loss`: the axis, from and to on it, first and last that is asked for, the path. */
export function addressOf(path: string, { from, to, first, last, xAxis }: Zoom): string {
  return [xAxis, from, to, first, last, path].join(":");
}

/** The zoom of the series at `path` on this axis; null if the address has none, or one that cannot be understood. */
export function zoomOf(addresses: readonly string[], path: string, xAxis: XAxis): Zoom | null {
  for (const address of addresses) {
    const [axis, ...rest] = address.split(":");
    if (axis !== xAxis || rest.slice(NUMBERS).join(":") !== path) continue;
    const [from, to, first, last] = rest.slice(0, NUMBERS).map((text) => (text === "" ? Number.NaN : Number(text)));
    if (from === undefined || to === undefined || first === undefined || last === undefined) continue;
    if (!(from < to && first <= last && Number.isFinite(to - from) && Number.isFinite(last - first))) continue;
    return { from, to, first, last, xAxis };
  }
  return null;
}

/** The addresses with the zoom of the series at `path` replaced, or taken away; undefined if none is left. */
export function withZoom(addresses: readonly string[], path: string, zoom: Zoom | null): string[] | undefined {
  const others = addresses.filter(
    (address) =>
      address
        .split(":")
        .slice(NUMBERS + 1)
        .join(":") !== path,
  );
  const all = zoom === null ? others : [...others, addressOf(path, zoom)];
  return all.length === 0 ? undefined : all;
}
