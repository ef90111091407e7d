/** Where the cells of a heat map of histograms are: steps along x, values along y, both as shares from 0 to 1. */

export interface HeatColumn {
  readonly step: number;
  /** Rising; one more than counts. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

export interface HeatScale {
  /** The borders between columns on the x axis, one more than columns, halfway between their steps. */
  readonly borders: readonly number[];
  /** The ends of the y axis. */
  readonly low: number;
  readonly high: number;
  /** The largest count per unit of value: bins of one column may differ in width. */
  readonly densest: number;
}

export interface HeatCell {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
  /** From 0 to 1; the root of the density, so that the tails of a distribution can be seen. */
  readonly strength: number;
}

/** The axes of `columns`, which are in order of step; null if there are none. */
export function heatScale(columns: readonly HeatColumn[]): HeatScale | null {
  const first = columns[0];
  if (first === undefined) return null;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let densest = 0;
  for (const { edges, counts } of columns) {
    low = Math.min(low, edges[0] ?? low);
    high = Math.max(high, edges.at(-1) ?? high);
    for (const [at, count] of counts.entries()) densest = Math.max(densest, density(edges, at, count));
  }
  return { borders: bordersOf(columns.map(({ step }) => step)), low, high, densest };
}

/** All cells that something was counted in. */
export function* heatCells(columns: readonly HeatColumn[], scale: HeatScale): Generator<HeatCell> {
  const { borders, low, high, densest } = scale;
  for (const [place, { edges, counts }] of columns.entries()) {
    const left = share(borders[place] ?? 0, borders[0] ?? 0, borders.at(-1) ?? 1);
    const right = share(borders[place + 1] ?? 0, borders[0] ?? 0, borders.at(-1) ?? 1);
    for (const [at, count] of counts.entries()) {
      if (count <= 0) continue;
      yield {
        left,
        right,
        bottom: share(edges[at] ?? low, low, high),
        top: share(edges[at + 1] ?? high, low, high),
        strength: Math.sqrt(density(edges, at, count) / densest),
      };
    }
  }
}

/** The column and bin at a place of the map; `bin` is null above and below what the column counts. */
export function heatPlace(
  columns: readonly HeatColumn[],
  scale: HeatScale,
  x: number,
  y: number,
): { readonly column: HeatColumn; readonly bin: number | null } | null {
  const { borders, low, high } = scale;
  const step = (borders[0] ?? 0) + x * ((borders.at(-1) ?? 0) - (borders[0] ?? 0));
  const place = borders.findIndex((border) => border > step) - 1;
  const column = columns[place < 0 ? columns.length - 1 : place];
  if (column === undefined) return null;
  const value = low + y * (high - low);
  const bin = column.edges.findIndex((edge) => edge > value) - 1;
  return { column, bin: bin < 0 ? null : bin };
}

function density(edges: readonly number[], at: number, count: number): number {
  const width = (edges[at + 1] ?? 0) - (edges[at] ?? 0);
  return width > 0 ? count / width : 0;
}

function share(value: number, low: number, high: number): number {
  return high > low ? (value - low) / (high - low) : 0;
}

function bordersOf(steps: readonly number[]): number[] {
  const first = steps[0] ?? 0;
  const last = steps.at(-1) ?? 0;
  const between = steps.slice(1).map((step, at) => ((steps[at] ?? step) + step) / 2);
  const before = between[0] === undefined ? 0.5 : between[0] - first;
  const after = last - (between.at(-1) ?? last - 0.5);
  return [first - before, ...between, last + after];
}
