import { expect, test } from "vitest";
import { smooth } from "./smooth.ts";

const ones = (length: number) => new Float64Array(length).fill(1);

test("a constant line stays constant from its first value on", () => {
  expect([...smooth(Float64Array.of(3, 3, 3), ones(3), 0.9)]).toEqual([3, 3, 3].map((v) => expect.closeTo(v)));
});

test("no weight changes nothing", () => {
  expect([...smooth(Float64Array.of(1, 5, 2), ones(3), 0)]).toEqual([1, 5, 2]);
});

test("values that are not finite are passed through and forgotten", () => {
  const smoothed = smooth(Float64Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, 1), ones(4), 0.5);
  expect(smoothed[1]).toBeNaN();
  expect(smoothed[2]).toBe(Number.POSITIVE_INFINITY);
  expect(smoothed[3]).toBeCloseTo(1);
});

test("a bucket of many points weighs as much as its points", () => {
  const raw = smooth(Float64Array.of(0, 4, 4, 4), ones(4), 0.7);
  const bucketed = smooth(Float64Array.of(0, 4), Float64Array.of(1, 3), 0.7);
  expect(bucketed[1]).toBeCloseTo(raw[3] ?? 0);
});
