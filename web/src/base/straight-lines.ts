/** What a series is between its places. Pure. */

/** The straight lines between `values` at `steps`, at the places `wanted`; both rise. Beyond their ends it is the end. */
export function between(steps: Float64Array, values: Float64Array, wanted: Float64Array): Float64Array {
  let row = 0;
  return wanted.map((step) => {
    while (row + 1 < steps.length && (steps[row + 1] ?? 0) <= step) row += 1;
    const from = steps[row] ?? Number.NaN;
    const value = values[row] ?? Number.NaN;
    if (from >= step || row + 1 >= steps.length) return value;
    const share = (step - from) / ((steps[row + 1] ?? Number.NaN) - from);
    return value * (1 - share) + (values[row + 1] ?? Number.NaN) * share;
  });
}
