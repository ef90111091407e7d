/** Columns of groups and of series over other series, as the server sends them. */

/** A group of runs as one line, in order of step. */
export interface GroupColumns {
  readonly step: Float64Array;
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  readonly error: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly runs: Float64Array;
}

/** A series over the values of another, in order of step. */
export interface CrossColumns {
  readonly step: Float64Array;
  readonly x: Float64Array;
  readonly mean: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly count: Float64Array;
}

/** The order of the columns of one table in a binary answer. */
export const GROUP_NAMES = ["step", "mean", "deviation", "error", "min", "max", "runs"] as const;
export const CROSS_NAMES = ["step", "x", "mean", "min", "max", "count"] as const;
