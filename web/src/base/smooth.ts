/**
 * Smoothing of a line: an exponential moving average, a running average, or a Gaussian.
 *
 * In all of them `counts` says how many points each value stands for, so that a downsampled line looks like the line of
 * its raw points. Values that are not finite are passed through, and weigh nothing in what is around them.
 */

export const SMOOTHINGS = ["ema", "average", "gaussian"] as const;
export type SmoothingKind = (typeof SMOOTHINGS)[number];

export interface Smoothing {
  readonly kind: SmoothingKind;
  /** `ema`: weight of the past, 0 to 0.99. `average`: points in the window. `gaussian`: points of one deviation. */
  readonly amount: number;
}

export const UNSMOOTHED: Smoothing = { kind: "ema", amount: 0 };
export const MOST: Readonly<Record<SmoothingKind, number>> = { ema: 0.99, average: 1000, gaussian: 500 };

/** `0.6`, `average:25`, `gaussian:10`; undefined if nothing is smoothed. */
export function smoothingText({ kind, amount }: Smoothing): string | undefined {
  if (kind === "ema") return amount > 0 ? String(amount) : undefined;
  return `${kind}:${amount}`;
}

/** The opposite of `smoothingText`; what cannot be understood smooths nothing. */
export function parseSmoothing(text: string | undefined): Smoothing {
  const [first = "", second] = (text ?? "").split(":");
  const kind = second === undefined ? "ema" : SMOOTHINGS.find((name) => name === first);
  const amount = Number(second ?? first);
  if (kind === undefined || !(amount >= 0)) return UNSMOOTHED;
  return { kind, amount: Math.min(amount, MOST[kind]) };
}

/** Whether `smoothing` changes a line. */
export function isSmooth({ kind, amount }: Smoothing): boolean {
  return kind === "average" ? amount > 1 : amount > 0;
}

/** How many points before a place, and how many behind it, have a part in what it is after smoothing. */
export interface Reach {
  readonly before: number;
  readonly after: number;
}

/** What weighs less than this part of the whole is not seen. */
const SEEN = 1e-6;

export function reachOf({ kind, amount }: Smoothing): Reach {
  switch (kind) {
    case "ema":
      return { before: amount > 0 ? Math.ceil(Math.log(SEEN) / Math.log(amount)) : 0, after: 0 };
    case "average":
      return { before: Math.ceil(amount / 2), after: Math.ceil(amount / 2) };
    case "gaussian":
      return { before: Math.ceil(3 * amount), after: Math.ceil(3 * amount) };
  }
}

export function smooth(values: Float64Array, counts: Float64Array, { kind, amount }: Smoothing): Float64Array {
  switch (kind) {
    case "ema":
      return exponential(values, counts, amount);
    case "average":
      return runningAverage(values, counts, amount);
    case "gaussian":
      return gaussian(values, counts, amount);
  }
}

/**
 * Each older point weighs `weight` times the one after it. The average is divided by the weights seen so far, so it
 * starts at the first value instead of at zero.
 */
function exponential(values: Float64Array, counts: Float64Array, weight: number): Float64Array {
  const smoothed = new Float64Array(values.length);
  const keep = Math.max(weight, 0);
  let sum = 0;
  let weights = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (!Number.isFinite(value)) {
      smoothed[index] = value;
      continue;
    }
    const decay = keep ** Math.max(1, counts[index] ?? 1);
    sum = sum * decay + value * (1 - decay);
    weights = weights * decay + (1 - decay);
    smoothed[index] = sum / weights;
  }
  return smoothed;
}

/**
 * Half of the `window` lies before the middle of a point and half behind it, and a point that it covers in part counts in
 * part: of an even number of points, the two outermost by half. At the ends the window is what is left of it.
 */
function runningAverage(values: Float64Array, counts: Float64Array, window: number): Float64Array {
  const width = Math.max(1, window);
  return weighted(values, counts, width / 2, (distance, count) =>
    Math.max(0, Math.min(count, width, (count + width) / 2 - distance)),
  );
}

/** Weights fall off as a normal distribution of `sigma` points; three deviations are all that counts. */
function gaussian(values: Float64Array, counts: Float64Array, sigma: number): Float64Array {
  if (sigma <= 0) return values.slice();
  const reach = 3 * sigma;
  return weighted(values, counts, reach, (distance, count) =>
    distance > reach ? 0 : Math.exp(-0.5 * (distance / sigma) ** 2) * count,
  );
}

/** `weigh` is asked of each value that begins within `reach` of another: how far their middles are apart, and its points. */
function weighted(
  values: Float64Array,
  counts: Float64Array,
  reach: number,
  weigh: (distance: number, count: number) => number,
): Float64Array {
  const smoothed = new Float64Array(values.length);
  const places = middles(counts, values.length);
  const pointsOf = (index: number) => Math.max(1, counts[index] ?? 1);
  let from = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    const place = places[index] ?? 0;
    while (place - (places[from] ?? 0) - pointsOf(from) / 2 > reach) from += 1;
    if (!Number.isFinite(value)) {
      smoothed[index] = value;
      continue;
    }
    let sum = 0;
    let weights = 0;
    for (let other = from; other < values.length; other += 1) {
      const count = pointsOf(other);
      const distance = Math.abs((places[other] ?? 0) - place);
      if (distance - count / 2 > reach) break;
      const near = values[other] ?? Number.NaN;
      if (!Number.isFinite(near)) continue;
      const weight = weigh(distance, count);
      sum += near * weight;
      weights += weight;
    }
    smoothed[index] = sum / weights;
  }
  return smoothed;
}

/** Where the middle of each bucket lies, counted in points. */
function middles(counts: Float64Array, length: number): Float64Array {
  const places = new Float64Array(length);
  let before = 0;
  for (let index = 0; index < length; index += 1) {
    const count = Math.max(1, counts[index] ?? 1);
    places[index] = before + (count - 1) / 2;
    before += count;
  }
  return places;
}
