/** Binary search in sorted columns. */

/** Index of the first of the sorted `column` that is at least `value`; the column's length if there is none. */
export function lowerBound(column: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((column[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
