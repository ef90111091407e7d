import { expect, test } from "vitest";
import { type Buckets, bucketsOf, column, columnsFrom } from "#base/buckets.ts";
import type { StreamWorld } from "./event-stream.ts";
import { RunStream } from "./run-stream.ts";
import type { LiveSeries } from "./types.ts";

/** A server that one can make say anything, in a world without clocks. */
class FakeServer implements StreamWorld {
  readonly opened: string[] = [];
  #handlers = new Map<string, (event: MessageEvent<string>) => void>();
  #source: { onopen: (() => void) | null; onerror: (() => void) | null } | null = null;
  #timers: (() => void)[] = [];

  readonly open = (url: string): EventSource => {
    this.opened.push(url);
    this.#handlers = new Map();
    const source = {
      onopen: null,
      onerror: null,
      addEventListener: (name: string, handler: (event: MessageEvent<string>) => void) =>
        this.#handlers.set(name, handler),
      close: () => {},
    };
    this.#source = source;
    return source as unknown as EventSource;
  };
  readonly later = (action: () => void) => {
    this.#timers.push(action);
    return () => {
      this.#timers = this.#timers.filter((timer) => timer !== action);
    };
  };
  /** Milliseconds. */
  time = 0;
  readonly now = () => this.time;
  readonly isHidden = () => false;
  readonly onVisibility = () => () => {};

  say(name: string, data: unknown): void {
    this.#handlers.get(name)?.({ data: JSON.stringify(data), lastEventId: "" } as MessageEvent<string>);
  }
  accept(): void {
    this.#source?.onopen?.();
  }
  hangUp(): void {
    this.#source?.onerror?.();
  }
  letTimePass(): void {
    const due = this.#timers;
    this.#timers = [];
    for (const action of due) action();
  }
}

function started() {
  const server = new FakeServer();
  const refreshed: (readonly string[] | null)[] = [];
  const states: string[] = [];
  const handlers = {
    onRun: () => {},
    onAttributes: (paths: readonly string[] | null) => refreshed.push(paths),
    onState: (state: string) => states.push(state),
  };
  const stream = new RunStream("run1", handlers, server);
  stream.start();
  server.accept();
  return { server, stream, refreshed, states };
}

const loss = (steps: number[], values: (number | string)[] = steps): LiveSeries => ({
  path: "loss",
  kind: "float_series",
  steps,
  times: steps,
  values,
});

function answer(position: number, ...steps: number[]): Buckets {
  const columns = columnsFrom((name) =>
    name === "count" ? new Float64Array(steps.length).fill(1) : Float64Array.from(steps),
  );
  return bucketsOf(columns, steps.length, position);
}

test("points that arrived while an answer was on its way join it", () => {
  const { server, stream } = started();
  server.say("reset", { position: 100 });
  server.say("points", { position: 101, series: [loss([1])] });
  server.say("points", { position: 102, series: [loss([2])] });
  const { outcome, buckets } = stream.catchUp("loss", answer(101, 0, 1), null);
  expect(outcome).toBe("appended");
  expect([...column(buckets, "stepLast")]).toEqual([0, 1, 2]);
  expect(buckets.position).toBe(102);
});

test("an answer from before the stream began is too old", () => {
  const { server, stream } = started();
  server.say("reset", { position: 100 });
  expect(stream.catchUp("loss", answer(99, 0), null).outcome).toBe("stale");
  expect(stream.isTooOld("loss", 100)).toBe(false);
});

test("a reset makes every answer stale and tells whoever listens", () => {
  const { server, stream, refreshed } = started();
  server.say("reset", { position: 100 });
  let told = 0;
  stream.onPoints("loss", () => {
    told += 1;
  });
  server.say("reset", { position: 200 });
  expect(told).toBe(1);
  expect(stream.isTooOld("loss", 150)).toBe(true);
  expect(refreshed.at(-1)).toBeNull();
});

test("a lost connection continues from the last position", () => {
  const { server, states, refreshed } = started();
  server.say("reset", { position: 100 });
  server.say("points", { position: 107, series: [loss([1])] });
  server.hangUp();
  expect(states.at(-1)).toBe("lost");
  server.letTimePass();
  expect(server.opened.at(-1)).toBe("/api/v1/runs/run1/live?position=107");
  const before = refreshed.length;
  server.accept();
  expect(states.at(-1)).toBe("live");
  expect(refreshed.slice(before)).toEqual([null]);
});

test("only the series that changed is told", () => {
  const { server, stream } = started();
  server.say("reset", { position: 1 });
  const told: string[] = [];
  const stop = stream.onPoints("loss", () => told.push("loss"));
  stream.onPoints("accuracy", () => told.push("accuracy"));
  server.say("points", { position: 2, series: [loss([1])] });
  stop();
  server.say("points", { position: 3, series: [loss([2])] });
  expect(told).toEqual(["loss"]);
});

test("points outside of a zoomed range are left out", () => {
  const { server, stream } = started();
  server.say("reset", { position: 1 });
  server.say("points", { position: 2, series: [loss([5, 50], ["NaN", 1])] });
  const { buckets } = stream.catchUp("loss", answer(1, 0), { by: "step", first: 0, last: 10 });
  expect([...column(buckets, "stepLast")]).toEqual([0, 5]);
  expect(column(buckets, "last")[1]).toBeNaN();
});

test("forgetting old points makes old answers too old", () => {
  const { server, stream } = started();
  server.say("reset", { position: 0 });
  const many = Array.from({ length: 30_000 }, (_, index) => index);
  server.say("points", { position: 1, series: [loss(many)] });
  server.say("points", { position: 2, series: [loss(many)] });
  expect(stream.isTooOld("loss", 0)).toBe(true);
  expect(stream.isTooOld("loss", 1)).toBe(false);
  expect(stream.after("loss", 1)).toHaveLength(1);
});

test("what came a minute ago is forgotten, and makes old answers of its own series too old", () => {
  const { server, stream } = started();
  server.say("reset", { position: 0 });
  server.say("points", { position: 1, series: [loss([1])] });
  server.time = 30_000;
  server.say("points", { position: 2, series: [loss([2])] });
  expect(stream.after("loss", 0)).toHaveLength(2);
  server.time = 61_000;
  server.say("points", { position: 3, series: [{ ...loss([3]), path: "accuracy" }] });
  expect(stream.after("loss", 0).map(({ position }) => position)).toEqual([2]);
  expect(stream.isTooOld("loss", 0)).toBe(true);
  expect(stream.isTooOld("loss", 1)).toBe(false);
  expect(stream.isTooOld("accuracy", 0)).toBe(false);
});

test("a page without a stream does not wait for ever", async () => {
  const { server, stream } = started();
  server.letTimePass();
  await expect(stream.begun()).resolves.toBeUndefined();
});
