/** The stretch of the horizontal axis that a chart shows, and how an address says it. One per series; pure. */

import type { StepRange } from "#api/bucket-loader.ts";
import type { XAxis } from "#base/line.ts";

export interface Zoom {
  readonly steps: StepRange;
  /** The same stretch on the x axis that was dragged over. */
  readonly from: number;
  readonly to: number;
  /** A stretch of one axis says nothing on another one. */
  readonly xAxis: XAxis;
}

const NUMBERS = 4;

/** `relative:0.5:2:10:40:train/loss`: the axis, from and to on it, first and last step, the path. */
export function addressOf(path: string, { steps, from, to, xAxis }: Zoom): string {
  return [xAxis, from, to, steps.first, steps.last, path].join(":");
}

/** The zoom of the series at `path` on this axis; null if the address has none, or one that cannot be understood. */
export function zoomOf(addresses: readonly string[], path: string, xAxis: XAxis): Zoom | null {
  for (const address of addresses) {
    const [axis, ...rest] = address.split(":");
    if (axis !== xAxis || rest.slice(NUMBERS).join(":") !== path) continue;
    const [from, to, first, last] = rest.slice(0, NUMBERS).map((text) => (text === "" ? Number.NaN : Number(text)));
    if (from === undefined || to === undefined || first === undefined || last === undefined) continue;
    if (!(from < to && first <= last && Number.isFinite(to - from) && Number.isFinite(last - first))) continue;
    return { steps: { first, last }, from, to, xAxis };
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
