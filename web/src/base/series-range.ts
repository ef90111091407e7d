/** A stretch of a series by its steps or times. */

export interface SeriesRange {
  /** What `first` and `last` count: steps, milliseconds since the run's creation, or milliseconds since 1970 UTC. */
  readonly by: "step" | "relative" | "time";
  /** Both ends included. */
  readonly first: number;
  readonly last: number;
}
