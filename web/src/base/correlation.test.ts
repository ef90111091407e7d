import { expect, test } from "vitest";
import { pearson, spearman } from "./correlation.ts";

test("a straight line correlates wholly, a rising curve only by rank", () => {
  expect(pearson([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 12);
  expect(pearson([1, 2, 3], [6, 4, 2])).toBeCloseTo(-1, 12);
  expect(pearson([1, 2, 3, 4], [1, 10, 100, 1000])).toBeLessThan(0.9);
  expect(spearman([1, 2, 3, 4], [1, 10, 100, 1000])).toBeCloseTo(1, 12);
});

test("known values are met", () => {
  // Deviations -2 … 2 and -1.4, -0.4, -1.4, 2.6, 0.6: 7 / sqrt(10 · 11.2).
  expect(pearson([1, 2, 3, 4, 5], [1, 2, 1, 5, 3])).toBeCloseTo(7 / Math.sqrt(112), 12);
  // Equal values share their rank: ranks 1.5, 1.5, 3 against 1, 2, 3.
  expect(spearman([5, 5, 9], [1, 2, 3])).toBeCloseTo(1.5 / Math.sqrt(1.5 * 2), 12);
});

test("what does not vary, or is alone, does not correlate", () => {
  expect(pearson([1, 1, 1], [1, 2, 3])).toBeNull();
  expect(pearson([1], [2])).toBeNull();
  expect(spearman([], [])).toBeNull();
});
