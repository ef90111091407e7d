import { expect, test } from "vitest";
import { logGrid, logTicks, roundTicks, tickWords } from "./ticks.ts";

test("ticks are round numbers", () => {
  expect(roundTicks(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10]);
  expect(roundTicks(0.13, 0.71, 4)).toEqual([0.2, 0.4, 0.6]);
  expect(roundTicks(-3, 3, 3)).toEqual([-2, 0, 2]);
});

test("an empty stretch has no ticks", () => {
  expect(roundTicks(1, 1, 5)).toEqual([]);
  expect(roundTicks(Number.NaN, 1, 5)).toEqual([]);
  expect(roundTicks(5e-324, 5e-323, 5)).toEqual([]);
  expect(roundTicks(0, 1, Number.POSITIVE_INFINITY)).toEqual([]);
  expect(logTicks(0, 1, 5)).toEqual([]);
  expect(logGrid(1, Number.POSITIVE_INFINITY)).toEqual([]);
});

test("a logarithmic axis has powers of ten", () => {
  expect(logTicks(0.005, 2000, 9)).toEqual([0.01, 0.1, 1, 10, 100, 1000]);
  expect(logTicks(1, 1e12, 4)).toEqual([1, 1e3, 1e6, 1e9, 1e12]);
});

test("less than a decade has round numbers", () => {
  expect(logTicks(2, 8, 3)).toEqual([2, 4, 6, 8]);
});

test("a decade with room has more than its ends", () => {
  expect(logTicks(1, 10, 4)).toEqual([1, 2, 5, 10]);
  expect(logTicks(1e-300, 1e-298, 4)).toEqual([1e-300, 1e-299, 1e-298]);
});

test("a logarithmic grid has nine lines in a decade, and none beside the ticks where decades are many", () => {
  expect(logGrid(0.1, 2)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 2]);
  expect(logGrid(1e-300, 1e300)).toEqual([]);
});

test("far from zero ticks are as many as elsewhere, and end", () => {
  expect(roundTicks(1e15, 1e15 + 99, 4)).toEqual([1e15, 1e15 + 25, 1e15 + 50, 1e15 + 75]);
  expect(roundTicks(1e300, 1e300 * (1 + 1e-16), 4).length).toBeLessThan(25);
});

test.each([
  [
    [0, 20_000, 40_000],
    ["0", "20k", "40k"],
  ],
  [
    [0.1, 0.15, 0.2],
    ["0.1", "0.15", "0.2"],
  ],
  [
    [1e9, 1e9 + 0.02, 1e9 + 0.04],
    ["1\u202f000\u202f000\u202f000.00", "1\u202f000\u202f000\u202f000.02", "1\u202f000\u202f000\u202f000.04"],
  ],
  [
    [12_345, 12_350],
    ["12\u202f345", "12\u202f350"],
  ],
  [
    [1e15, 1e15 + 50],
    ["1\u202f000\u202f000\u202f000\u202f000\u202f000", "1\u202f000\u202f000\u202f000\u202f000\u202f050"],
  ],
  [
    [-1e-300, 0, 1e-300],
    ["−1e−300", "0", "1e−300"],
  ],
  [
    [1.00001e300, 1.00002e300],
    ["1.00001e300", "1.00002e300"],
  ],
])("the ticks %j tell themselves apart", (ticks, words) => {
  expect(tickWords(ticks)).toEqual(words);
});
