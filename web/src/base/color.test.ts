import { expect, test } from "vitest";
import { lineColor, withAlpha } from "./color.ts";

test("seven lines have seven colours", () => {
  expect(new Set(Array.from({ length: 7 }, (_, index) => lineColor(index, false))).size).toBe(7);
  expect(lineColor(7, true)).toBe(lineColor(0, true));
});

test("an opacity is appended to a colour", () => {
  expect(withAlpha("#0072b2", 0.5)).toBe("#0072b280");
  expect(withAlpha("#0072b2", 2)).toBe("#0072b2ff");
});
