/** How closely two columns of numbers go together. Pure. */

/** Pearson's coefficient, -1 to 1; null for less than two pairs, or if a column does not vary. */
export function pearson(xs: readonly number[], ys: readonly number[]): number | null {
  const count = Math.min(xs.length, ys.length);
  if (count < 2) return null;
  const meanX = mean(xs);
  const meanY = mean(ys);
  let together = 0;
  let squaresX = 0;
  let squaresY = 0;
  for (let at = 0; at < count; at += 1) {
    const x = (xs[at] ?? 0) - meanX;
    const y = (ys[at] ?? 0) - meanY;
    together += x * y;
    squaresX += x * x;
    squaresY += y * y;
  }
  return squaresX === 0 || squaresY === 0 ? null : together / Math.sqrt(squaresX * squaresY);
}

/** Spearman's coefficient: that of the ranks, so a curve that only rises has 1. Equal values share their mean rank. */
export function spearman(xs: readonly number[], ys: readonly number[]): number | null {
  return pearson(ranks(xs), ranks(ys));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranked = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (let at = from; at <= to; at += 1) ranked[order[at] ?? 0] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return ranked;
}
