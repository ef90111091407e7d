import { expect, test } from "vitest";
import type { AttributeInfo } from "#api/types.ts";
import { receiptOf, receiptSentence } from "./receipt.ts";

const number = (path: string, value: number): AttributeInfo => ({ path, kind: "int", value, series: null, file: null });

test("a run without a receipt has none", () => {
  expect(receiptOf([number("sys/rejections/kind_conflict", 3)])).toBeNull();
});

test("a receipt tells the numbers and, the most frequent first, the reasons", () => {
  const receipt = receiptOf([
    number("sys/receipt/points_logged", 1204331),
    number("sys/receipt/points_stored", 1204328),
    number("sys/receipt/points_dropped", 3),
    number("sys/drops/invalid_path", 1),
    number("sys/rejections/kind_conflict", 2),
    number("train/loss", 9),
  ]);
  expect(receipt && receiptSentence(receipt)).toBe(
    "1,204,331 points logged, 1,204,328 stored, 3 dropped (kind_conflict 2, invalid_path 1)",
  );
});
