import { expect, test } from "vitest";
import { appendPoints, type Buckets, bucketsOf, column, columnsFrom } from "./buckets.ts";
import { parseExpressions } from "./expression.ts";
import { bucketsOfExpression, reachOfExpression } from "./expression-value.ts";

function series(steps: number[], values: number[]): Buckets {
  const empty = bucketsOf(
    columnsFrom(() => new Float64Array(0)),
    0,
    0,
  );
  return appendPoints(empty, { steps, times: steps.map((step) => step * 1000), values }, 1).buckets;
}

function valuesOf(text: string, of: Record<string, Buckets>): number[] | null {
  const [first] = parseExpressions(text).expressions ?? [];
  if (first === undefined) throw new Error("no expression");
  const found = bucketsOfExpression(first, new Map(Object.entries(of)));
  return found === null ? null : [...column(found, "mean")];
}

test("series of the same steps are put together step by step", () => {
  const of = { a: series([0, 1, 2], [2, 4, 8]), b: series([0, 1, 2], [1, 2, 0]) };
  expect(valuesOf("a / b", of)).toEqual([2, 2, Number.POSITIVE_INFINITY]);
  expect(valuesOf("2 ^ b - a", of)).toEqual([0, 0, -7]);
  expect(valuesOf("log2(a)", of)).toEqual([1, 2, 3]);
  expect(valuesOf("max(a, b * 3)", of)).toEqual([3, 6, 8]);
  expect(valuesOf("sqrt(-a)", of)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});

test("the series of the fewest places says where; the others are straight lines between theirs", () => {
  const often = series([0, 10, 20, 30], [0, 10, 20, 30]);
  const seldom = series([5, 18, 40], [1, 1, 1]);
  expect(valuesOf("often * seldom", { often, seldom })).toEqual([5, 18]);
  const found = valuesOf("often - far", { often, far: series([50, 60], [1, 1]) });
  expect(found).toBeNull();
  expect(valuesOf("often + missing", { often })).toBeNull();
});

test("averages count points, and a slope is the change per step", () => {
  const a = series([0, 2, 4, 6], [1, 3, 5, 7]);
  expect(valuesOf("slope(a)", { a })).toEqual([1, 1, 1, 1]);
  expect(valuesOf("average(a, 3)", { a })).toEqual([2, 3, 5, 6]);
  expect(valuesOf("ema(a, 1)", { a })).toEqual([1, 3, 5, 7]);
  expect(valuesOf("ema(a, 10)", { a })?.[0]).toBeCloseTo(1, 12);
});

test("what is not finite is marked, and times are kept", () => {
  const [first] = parseExpressions("1 / a").expressions ?? [];
  const found = first && bucketsOfExpression(first, new Map([["a", series([1, 2], [0, 4])]]));
  expect(found && [...column(found, "infCount")]).toEqual([1, 0]);
  expect(found && [...column(found, "timeLast")]).toEqual([1000, 2000]);
});

test("an expression reaches as far as all that is inside each other", () => {
  const reachOf = (text: string) => {
    const [first] = parseExpressions(text).expressions ?? [];
    return first === undefined ? null : reachOfExpression(first.expression);
  };
  expect(reachOf("a / log(b)")).toEqual({ before: 0, after: 0 });
  expect(reachOf("average(slope(a), 10) - b")).toEqual({ before: 6, after: 5 });
  expect(reachOf("average(average(a, 4), 10) + slope(b)")).toEqual({ before: 7, after: 7 });
  expect(reachOf("-ema(a, 1)")).toEqual({ before: 0, after: 0 });
  expect(reachOf("ema(a, 10)")?.before).toBeGreaterThan(60);
});
