/** Search in sorted columns. */

/** Index of the first of the sorted `column` that is at least `value`; the column's length if there is none. */
export function lowerBound(column: ArrayLike<number>, value: number, length = column.length): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((column[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the value of the sorted `column` that is nearest to `value`; -1 if the column is empty. */
export function nearestIndex(column: ArrayLike<number>, value: number): number {
  const at = lowerBound(column, value);
  if (at === 0) return column.length === 0 ? -1 : 0;
  if (at === column.length) return at - 1;
  const below = value - (column[at - 1] ?? 0);
  const above = (column[at] ?? 0) - value;
  return above < below ? at : at - 1;
}
