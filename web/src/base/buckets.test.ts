import { expect, test } from "vitest";
import { appendPoints, type Buckets, bucketsOf, column, columnsFrom } from "./buckets.ts";

function singles(...steps: number[]): Buckets {
  const columns = columnsFrom((name) => {
    if (name === "count") return new Float64Array(steps.length).fill(1);
    return name === "nanCount" || name === "infCount" ? new Float64Array(steps.length) : Float64Array.from(steps);
  });
  return bucketsOf(columns, steps.length, 10);
}

const points = (steps: number[], values: number[]) => ({ steps, times: steps.map((step) => step * 1000), values });

test("later points become buckets of one", () => {
  const { outcome, buckets } = appendPoints(singles(0, 1), points([2, 3], [5, 6]), 11);
  expect(outcome).toBe("appended");
  expect([...column(buckets, "stepLast")]).toEqual([0, 1, 2, 3]);
  expect([...column(buckets, "mean")].slice(2)).toEqual([5, 6]);
  expect([...column(buckets, "count")].slice(2)).toEqual([1, 1]);
  expect(buckets.position).toBe(11);
  expect(buckets.appended).toBe(2);
});

test("what was held before an append stays what it was", () => {
  const before = singles(0, 1);
  const first = appendPoints(before, points([2], [5]), 11).buckets;
  const second = appendPoints(first, points([3], [6]), 12).buckets;
  expect([...column(before, "stepLast")]).toEqual([0, 1]);
  expect([...column(first, "stepLast")]).toEqual([0, 1, 2]);
  expect([...column(second, "stepLast")]).toEqual([0, 1, 2, 3]);
});

test("two appends to one state do not write over each other", () => {
  const start = appendPoints(singles(0), points([1], [1]), 11).buckets;
  const one = appendPoints(start, points([2], [20]), 12).buckets;
  const other = appendPoints(start, points([2], [99]), 12).buckets;
  expect(column(one, "last")[2]).toBe(20);
  expect(column(other, "last")[2]).toBe(99);
});

test("the last write of the last step wins, also over one that somebody still holds", () => {
  const first = appendPoints(singles(0), points([1], [1]), 11).buckets;
  const { outcome, buckets } = appendPoints(first, points([1], [7]), 12);
  expect(outcome).toBe("appended");
  expect([...column(buckets, "last")]).toEqual([0, 7]);
  expect(column(first, "last")[1]).toBe(1);
});

test("a point that the answer already includes changes nothing", () => {
  const held = appendPoints(singles(0), points([1], [1]), 11).buckets;
  const { outcome, buckets } = appendPoints(held, points([1], [1]), 12);
  expect(outcome).toBe("appended");
  expect(buckets.rows).toBe(2);
});

test("a point in the past needs the server, and the rest is appended all the same", () => {
  const { outcome, buckets } = appendPoints(singles(0, 5), points([3, 6], [1, 2]), 11);
  expect(outcome).toBe("stale");
  expect([...column(buckets, "stepLast")]).toEqual([0, 5, 6]);
});

test("a point inside the last bucket of many needs the server", () => {
  const columns = columnsFrom((name) => Float64Array.of(name === "count" ? 4 : 9));
  expect(appendPoints(bucketsOf(columns, 1, 1), points([9], [3]), 2).outcome).toBe("stale");
});

test("values that are not finite are counted and kept out of the statistics", () => {
  const values = [Number.NaN, Number.NEGATIVE_INFINITY];
  const { buckets } = appendPoints(singles(0), points([1, 2], values), 11);
  expect([...column(buckets, "nanCount")]).toEqual([0, 1, 0]);
  expect([...column(buckets, "infCount")]).toEqual([0, 0, 1]);
  expect(column(buckets, "min")[2]).toBeNaN();
  expect(column(buckets, "last")[2]).toBe(Number.NEGATIVE_INFINITY);
});

test("ten thousand single appends keep every point in order", () => {
  let buckets = singles(0);
  for (let step = 1; step <= 10_000; step += 1) {
    buckets = appendPoints(buckets, points([step], [step / 2]), step).buckets;
  }
  expect(buckets.rows).toBe(10_001);
  expect(column(buckets, "last")[10_000]).toBe(5000);
  expect(column(buckets, "stepLast").every((step, index) => step === index)).toBe(true);
});
