import { expect, test } from "vitest";
import { ROWS_AT_ONCE, windowStart } from "./tree-window.ts";

test("a window holds all rows that are on the screen", () => {
  for (const shown of [1, 40, 100, 101, 150, 199, 200]) {
    for (let first = 0; first < 1000; first += 7) {
      const start = windowStart(first, first + shown - 1);
      expect(start).toBeLessThanOrEqual(first);
      expect(start + ROWS_AT_ONCE).toBeGreaterThanOrEqual(first + shown);
    }
  }
});

test("one scrolls half a window before another one is asked for", () => {
  const starts = Array.from({ length: 300 }, (_, first) => windowStart(first, first + 60));
  expect([...new Set(starts)]).toEqual([0, 100, 200]);
});
