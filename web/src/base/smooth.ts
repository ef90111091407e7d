/** Smoothing of a line by an exponential moving average. */

/**
 * The running average of `values`, where each older point weighs `weight` times the one after it.
 *
 * `counts` says how many points each value stands for, so a downsampled line looks like the line of its raw points.
 * The average is divided by the weights seen so far, so it starts at the first value instead of at zero. Values that
 * are not finite are passed through and forgotten.
 */
export function smooth(values: Float64Array, counts: Float64Array, weight: number): Float64Array {
  const smoothed = new Float64Array(values.length);
  const keep = Math.min(Math.max(weight, 0), 0.999);
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
