import { expect, test } from "vitest";
import { lowerBound } from "./lower-bound.ts";

test("the lower bound is the first that is not smaller", () => {
  expect(lowerBound([1, 2, 2, 3], 2)).toBe(1);
  expect(lowerBound([1, 2, 2, 3], 4)).toBe(4);
  expect(lowerBound(new Float64Array(0), 1)).toBe(0);
});
