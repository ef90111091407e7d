import { expect, test } from "vitest";
import { appendPoints, type Buckets, bucketsOf, columnsFrom } from "./buckets.ts";
import { lineOf, stepsWithin } from "./line.ts";

const empty = bucketsOf(
  columnsFrom(() => new Float64Array(0)),
  0,
  0,
);
const plain = { xAxis: "step", origin: 0, smoothing: 0, logY: false } as const;

function series(values: number[], times = values.map((_, index) => index * 1000)): Buckets {
  return appendPoints(empty, { steps: values.map((_, index) => index), times, values }, 1).buckets;
}

test("values that cannot be drawn are gaps with a mark", () => {
  const line = lineOf(series([1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2]), plain);
  expect(line.y).toEqual([1, null, null, null, 2]);
  expect(line.nanAt).toEqual([1]);
  expect(line.highInfAt).toEqual([2]);
  expect(line.lowInfAt).toEqual([3]);
});

test("a logarithmic axis leaves out what it cannot show, and counts it", () => {
  const line = lineOf(series([1, 0, -2, 4]), { ...plain, logY: true });
  expect(line.y).toEqual([1, null, null, 4]);
  expect(line.hidden).toBe(2);
});

test("raw points have no envelope, buckets of many have", () => {
  expect(lineOf(series([1, 2]), plain).high).toBeNull();
  const columns = columnsFrom((name) => Float64Array.of(name === "count" ? 3 : name === "max" ? 8 : 1));
  expect(lineOf(bucketsOf(columns, 1, 0), plain).high).toEqual([8]);
});

test("a smoothed line keeps its raw line", () => {
  const line = lineOf(series([0, 10, 0, 10]), { ...plain, smoothing: 0.9 });
  expect(line.raw).toEqual([0, 10, 0, 10]);
  expect(Math.max(...line.y.map((value) => value ?? 0))).toBeLessThan(10);
});

test("a time axis ascends even when steps were logged out of order", () => {
  const line = lineOf(series([1, 2, 3], [5000, 9000, 7000]), { ...plain, xAxis: "relative", origin: 4000 });
  expect([...line.x]).toEqual([1, 3, 5]);
  expect(line.y).toEqual([1, 3, 2]);
});

test("the line begins where the first bucket begins", () => {
  const columns = columnsFrom((name) =>
    name === "stepFirst"
      ? Float64Array.of(0, 10)
      : name === "stepLast"
        ? Float64Array.of(9, 19)
        : Float64Array.of(5, 5),
  );
  expect([...lineOf(bucketsOf(columns, 2, 0), plain).x]).toEqual([0, 19]);
});

test("a stretch of time is found as a range of steps", () => {
  const buckets = series([1, 2, 3, 4]);
  const line = lineOf(buckets, { ...plain, xAxis: "relative" });
  expect(stepsWithin(buckets, line, 0.5, 2.5)).toEqual([1, 2]);
  expect(stepsWithin(buckets, line, 50, 60)).toBeNull();
});
