import { expect, test } from "vitest";
import type { AttributeInfo, SeriesInfo } from "#api/types.ts";
import { costOf, costSentence } from "./cost.ts";

const series = (path: string, last: number): AttributeInfo => ({
  path,
  kind: "float_series",
  value: null,
  series: { last } as SeriesInfo,
  file: null,
});

test("a run whose client measures nothing has no cost", () => {
  expect(costOf([series("monitoring/m/cpu", 3), series("logging/call_p50_us", 3)])).toBeNull();
});

test("of several processes it is the slowest, and what waits in all of them", () => {
  const cost = costOf([
    series("monitoring/a/logging/call_p50_us", 1.234),
    series("monitoring/a/logging/call_p99_us", 4),
    series("monitoring/a/logging/queue_operations", 300),
    series("monitoring/a/logging/queue_bytes", 12_000),
    series("monitoring/a/logging/lag_s", 0.25),
    series("monitoring/b/logging/call_p50_us", 1),
    series("monitoring/b/logging/queue_operations", 10),
  ]);
  expect(cost && costSentence(cost)).toMatch(
    /^1.2 µs per call \(one of a hundred: 4 µs\); 310 operations \(1[12].*[kK].*B\) in the queue, the oldest 0.25 s old$/,
  );
});

test("an empty queue is said to be empty", () => {
  const cost = costOf([series("monitoring/a/logging/call_p50_us", 2)]);
  expect(cost && costSentence(cost)).toBe("2 µs per call (one of a hundred: 0 µs); nothing waits in the queue");
});
