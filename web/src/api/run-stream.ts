/**
 * What happens to one run, live.
 *
 * Guarantee: whoever holds an answer of the server with position P learns of every later point. `since` is the position
 * from which on all points are heard here; what was heard is forgotten after a while, series by series. An answer older
 * than either must be fetched again, any other is brought up to date by `after`.
 */

import { appendPoints, type Buckets, type Merge } from "#base/buckets.ts";
import { parseJsonFloat } from "#base/numbers.ts";
import type { SeriesRange } from "#base/series-range.ts";
import { browserWorld, EventStream, type StreamState, type StreamWorld } from "./event-stream.ts";
import { address, runPath } from "./request.ts";
import type { LiveAttributes, LivePoints, LiveReset, LiveSeries, Run } from "./types.ts";

export interface Delta {
  readonly position: number;
  readonly series: LiveSeries;
}

export interface RunStreamHandlers {
  readonly onRun: (run: Run) => void;
  /** Paths whose attributes changed; null if they are many. */
  readonly onAttributes: (paths: readonly string[] | null) => void;
  readonly onState: (state: StreamState) => void;
}

/** Long enough for a slow fetch, and for a chart that was scrolled away and comes back. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED_POINTS = 50_000;
const LONGEST_WAIT_MS = 1000;

export class RunStream {
  readonly runId: string;
  readonly #stream: EventStream;
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #deltas = new Map<string, Delta[]>();
  /** Whose deltas came when, so that the oldest is forgotten first. */
  #arrivals: { readonly path: string; readonly at: number }[] = [];
  /** The last position that was forgotten of each path. */
  readonly #forgotten = new Map<string, number>();
  #points = 0;
  #since: number | null = null;
  #position: number | null = null;
  readonly #begun: Promise<void>;
  #begin: () => void = () => {};
  readonly #now: () => number;

  constructor(runId: string, handlers: RunStreamHandlers, world: StreamWorld = browserWorld) {
    this.runId = runId;
    this.#now = world.now;
    this.#begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
    // Without a stream the page must still show what the server has.
    world.later(() => this.#begin(), LONGEST_WAIT_MS);
    this.#stream = new EventStream(
      {
        url: () => address(`${runPath(runId)}/live`, { position: this.#position }),
        on: {
          run: (data) => handlers.onRun(data as Run),
          points: (data) => this.#add(data as LivePoints),
          reset: (data) => this.#reset(data as LiveReset, handlers),
          attributes: (data) => handlers.onAttributes((data as LiveAttributes).paths),
        },
        onState: handlers.onState,
        onReopen: () => handlers.onAttributes(null),
      },
      world,
    );
  }

  /** Settles when `since` is known, or when waiting for it no longer pays: an answer fetched then is never too old. */
  begun(): Promise<void> {
    return this.#begun;
  }

  start(): void {
    this.#stream.start();
  }

  stop(): void {
    this.#stream.stop();
  }

  /** Call `listener` whenever the series at `path` may have changed. Returns the way to stop. */
  onPoints(path: string, listener: () => void): () => void {
    let listeners = this.#listeners.get(path);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(path, listeners);
    }
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  /** Whether an answer with `position` is so old that points of the series at `path` that came after it are unknown. */
  isTooOld(path: string, position: number): boolean {
    const known = Math.max(this.#since ?? Number.NEGATIVE_INFINITY, this.#forgotten.get(path) ?? 0);
    return position < known;
  }

  /** New points of the series at `path` after `position`, oldest first. */
  after(path: string, position: number): Delta[] {
    return (this.#deltas.get(path) ?? []).filter((delta) => delta.position > position);
  }

  /**
   * `buckets` of the series at `path` with all that was heard since. Points outside `range`, which
   * counts steps or milliseconds since 1970, are left out.
   */
  catchUp(path: string, buckets: Buckets, range: SeriesRange | null): Merge {
    if (this.isTooOld(path, buckets.position)) return { outcome: "stale", buckets };
    let merge: Merge = { outcome: "appended", buckets };
    for (const { position, series } of this.after(path, buckets.position)) {
      const inside = withinRange(series, range);
      const next = appendPoints(merge.buckets, inside, position);
      merge = { outcome: merge.outcome === "stale" ? "stale" : next.outcome, buckets: next.buckets };
    }
    return merge;
  }

  #add({ position, series }: LivePoints): void {
    // Without a beginning it is unknown what was missed: whatever was fetched earlier has to be fetched again.
    this.#since ??= position;
    this.#position = position;
    this.#begin();
    const at = this.#now();
    for (const one of series) {
      const held = this.#deltas.get(one.path);
      if (held === undefined) this.#deltas.set(one.path, [{ position, series: one }]);
      else held.push({ position, series: one });
      this.#arrivals.push({ path: one.path, at });
      this.#points += one.steps.length;
    }
    this.#forgetOldest(at - REMEMBERED_MS);
    for (const { path } of series) this.#notify(path);
  }

  #forgetOldest(before: number): void {
    let forgotten = 0;
    for (const { path, at } of this.#arrivals) {
      if (at >= before && this.#points <= MAX_REMEMBERED_POINTS) break;
      const oldest = this.#deltas.get(path)?.shift();
      if (oldest === undefined) break;
      forgotten += 1;
      this.#points -= oldest.series.steps.length;
      this.#forgotten.set(path, oldest.position);
    }
    if (forgotten > 0) this.#arrivals = this.#arrivals.slice(forgotten);
  }

  #reset({ position }: LiveReset, handlers: RunStreamHandlers): void {
    const isFirst = this.#since === null;
    this.#deltas.clear();
    this.#forgotten.clear();
    this.#arrivals = [];
    this.#points = 0;
    this.#since = position;
    this.#position = position;
    this.#begin();
    for (const path of this.#listeners.keys()) this.#notify(path);
    // The first one only says where the stream begins; attributes are asked for after it.
    if (!isFirst) handlers.onAttributes(null);
  }

  #notify(path: string): void {
    for (const listener of this.#listeners.get(path) ?? []) listener();
  }
}

function withinRange(series: LiveSeries, range: SeriesRange | null) {
  const values = series.values.map((value) => (typeof value === "object" ? Number.NaN : parseJsonFloat(value)));
  if (range === null) return { steps: series.steps, times: series.times, values };
  const { by, first, last } = range;
  const places = by === "step" ? series.steps : series.times;
  const kept = places.flatMap((place, index) => (place >= first && place <= last ? [index] : []));
  return {
    steps: kept.map((index) => series.steps[index] ?? 0),
    times: kept.map((index) => series.times[index] ?? 0),
    values: kept.map((index) => values[index] ?? Number.NaN),
  };
}
