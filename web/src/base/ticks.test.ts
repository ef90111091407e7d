import { expect, test } from "vitest";
import { logTicks, roundTicks } from "./ticks.ts";

test("ticks are round numbers", () => {
  expect(roundTicks(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10]);
  expect(roundTicks(0.13, 0.71, 4)).toEqual([0.2, 0.4, 0.6]);
  expect(roundTicks(-3, 3, 3)).toEqual([-2, 0, 2]);
});

test("an empty stretch has no ticks", () => {
  expect(roundTicks(1, 1, 5)).toEqual([]);
  expect(roundTicks(Number.NaN, 1, 5)).toEqual([]);
});

test("a logarithmic axis has powers of ten", () => {
  expect(logTicks(0.005, 2000, 9)).toEqual([0.01, 0.1, 1, 10, 100, 1000]);
  expect(logTicks(1, 1e12, 4)).toEqual([1, 1e3, 1e6, 1e9, 1e12]);
});

test("less than a decade has round numbers", () => {
  expect(logTicks(2, 8, 3)).toEqual([2, 4, 6, 8]);
});
