/** A stretch of a series by its steps or times. */

export interface SeriesRange {
  /** What `first` and `last` count: steps, milliseconds since the run's creation, or milliseconds since 1970 UTC. */
  readonly by: "step" | "relative" | "time";
  /** Both ends included. */
  readonly first: number;
  readonly last: number;
}

/** Points beside a range that come along: so that lines go on to its edges, and are smoothed as if they were whole. */
export interface Beside {
  readonly before: number;
  readonly after: number;
}
