/** What two fingers on an axis mean: the stretch that they spread, or all of it. Pure. */

import type { Range } from "./value-range.ts";

/** CSS pixels from the plot's corner. */
interface Place {
  readonly left: number;
  readonly top: number;
}

/** Where two fingers are together, and how far they are apart. */
export interface Fingers {
  readonly middle: number;
  readonly distance: number;
}

export interface Pinch {
  /** The stretch of the axis that was shown when the second finger came. */
  readonly shown: Range;
  readonly log: boolean;
  /** Of the axis, in CSS pixels. */
  readonly width: number;
  readonly start: Fingers;
}

/** Fingers cannot be told apart when they are nearer to each other, in CSS pixels. */
const CLOSEST = 24;
/** Shares of the distance at the start from which on the fingers mean something. */
const SPREAD = 1.1;
const TOGETHER = 0.8;

/** Two fingers as one gesture; any more are left out. */
export function fingersOf(places: readonly Place[]): Fingers {
  const [first = { left: 0, top: 0 }, second = first] = places;
  return {
    middle: (first.left + second.left) / 2,
    distance: Math.max(CLOSEST, Math.hypot(second.left - first.left, second.top - first.top)),
  };
}

/** What the fingers mean now, and the stretch to show: what was between them stays there, within what was shown. */
export function pinched(
  pinch: Pinch,
  now: Fingers,
): { readonly x: Range; readonly meaning: "zoom" | "reset" | "none" } {
  const { shown, log, width, start } = pinch;
  const spread = now.distance / start.distance;
  if (spread <= 1 || width <= 0) return { x: shown, meaning: spread <= TOGETHER ? "reset" : "none" };
  const [low, high] = log ? [Math.log10(shown[0]), Math.log10(shown[1])] : shown;
  const span = (high - low) / spread;
  const held = low + (start.middle / width) * (high - low);
  const from = Math.max(low, Math.min(high - span, held - (now.middle / width) * span));
  const x: Range = log ? [10 ** from, 10 ** (from + span)] : [from, from + span];
  return { x, meaning: spread >= SPREAD ? "zoom" : "none" };
}
