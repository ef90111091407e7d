import { expect, test } from "vitest";
import { appendPoints, bucketsOf, columnsFrom } from "./buckets.ts";
import { type Line, lineOf } from "./line.ts";
import { UNSMOOTHED } from "./smooth.ts";
import { placeRange, quantile, valueRange, withoutOutliers } from "./value-range.ts";

const ALL = { within: null, robust: false, log: false };

function line(values: number[]): Line {
  const empty = bucketsOf(
    columnsFrom(() => new Float64Array(0)),
    0,
    0,
  );
  const steps = values.map((_, index) => index);
  const { buckets } = appendPoints(empty, { steps, times: steps, values }, 1);
  return lineOf(buckets, { xAxis: "step", origin: 0, smoothing: UNSMOOTHED, logX: false, logY: false });
}

test("quantiles lie between values by their distance", () => {
  expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
  expect(quantile([1, 2, 3, 4], 1)).toBe(4);
  expect(quantile([7], 0.5)).toBe(7);
});

test("values beyond the far fences are outliers", () => {
  // Quartiles 2 and 4 (of eleven values 1…5 and 1000): fences at -4 and 10.
  expect(withoutOutliers([1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 1000])).toEqual([1, 5]);
  expect(withoutOutliers([1, 2, 3, 4])).toEqual([1, 4]);
});

test("where most values are equal, the few others are outliers", () => {
  const values = [...new Array<number>(99).fill(1), 50];
  expect(withoutOutliers(values)).toEqual([1, 1]);
});

test("three values have no outlier", () => {
  expect(withoutOutliers([1, 2, 1e9])).toEqual([1, 1e9]);
});

test("the range has room, but not below a zero that nothing crosses", () => {
  expect(valueRange([line([0, 10])], ALL)).toEqual([0, 10.5]);
  expect(valueRange([line([-10, 10])], ALL)).toEqual([-11, 11]);
});

test("a single value gets room on both sides", () => {
  expect(valueRange([line([5])], ALL)).toEqual([4.5, 5.5]);
  expect(valueRange([line([0])], ALL)).toEqual([-1, 1]);
});

test("only what is zoomed to counts", () => {
  expect(valueRange([line([-100, -10, 10, 100])], { ...ALL, within: [1, 2] })).toEqual([-11, 11]);
});

test("no value has no range, and neither has no place", () => {
  expect(valueRange([line([Number.NaN])], ALL)).toBeNull();
  expect(placeRange([line([])])).toBeNull();
  expect(placeRange([line([1, 2, 3]), line([1])])).toEqual([0, 2]);
});

test("a logarithmic range ends at the next 1, 2 or 5", () => {
  const log = (values: number[]) => valueRange([line(values)], { ...ALL, log: true });
  expect(log([0.3, 70])).toEqual([0.2, 100]);
  expect(log([1, 1e20])).toEqual([0.5, 2e20]);
  expect(log([5, 5])).toEqual([2, 10]);
});
