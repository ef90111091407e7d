import { expect, test } from "vitest";
import type { AttributeInfo, SeriesInfo } from "#api/types.ts";
import { cellText, numberText } from "./cells.ts";

const series = (last: number | string | null): SeriesInfo => ({
  count: 3,
  first_step: 0,
  last_step: 2,
  last_time: 0,
  last,
  min: null,
  max: null,
  mean: null,
  variance: null,
  nan_count: 0,
  inf_count: 0,
  min_step: null,
  max_step: null,
});

const cases: [AttributeInfo | undefined, string][] = [
  [undefined, ""],
  [{ path: "a", kind: "float_series", series: series("NaN") }, "NaN"],
  [{ path: "a", kind: "float_series", series: series(0.25) }, "0.25"],
  [{ path: "a", kind: "string_series", series: series("\u001b[1mhi\u001b[0m") }, "hi"],
  [{ path: "a", kind: "file_series", series: series(null) }, "3 files"],
  [{ path: "a", kind: "bool", value: false }, "false"],
  [{ path: "a", kind: "int", value: 12000 }, "12\u202f000"],
  [{ path: "a", kind: "float", value: "-Infinity" }, "−∞"],
  [{ path: "a", kind: "string_set", value: ["x", "y"] }, "x, y"],
];

test.each(cases)("%j is shown as %s", (attribute, text) => {
  expect(cellText(attribute)).toBe(text);
});

test("a series is shown by the number that stands for it", () => {
  const loss: AttributeInfo = {
    path: "a",
    kind: "float_series",
    series: { ...series(2), min: 0.5, min_step: 7, mean: 1.25 },
  };
  expect(cellText(loss, "min")).toBe("0.5");
  expect(cellText(loss, "min_step")).toBe("7");
  expect(cellText(loss, "max_step")).toBe("");
  expect(cellText(loss, "average", "2")).toBe("1.25");
  expect(cellText(loss, "count")).toBe("3");
  expect(cellText(loss, "variance")).toBe("");
});

test("a whole number that no float64 holds keeps its digits where all are wanted", () => {
  const seed: AttributeInfo = { path: "seed", kind: "int", value: "-9007199254740993" };
  expect(cellText(seed, "last", "full")).toBe("−9007199254740993");
  expect(cellText(seed)).toBe("−9.007e15");
});

test.each([
  [0.12345678, "auto", "0.12346"],
  [0.12345678, "full", "0.12345678"],
  [0.12345678, "2", "0.12"],
  [0.12345678, "percent", "12.3\u2009%"],
  [-1230, "exponent", "−1.230e+3"],
  [Number.NaN, "2", "NaN"],
] as const)("%d as %s is %s", (value, format, text) => {
  expect(numberText(value, format)).toBe(text);
});
