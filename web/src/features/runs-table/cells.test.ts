import { expect, test } from "vitest";
import type { AttributeInfo, SeriesInfo } from "#api/types.ts";
import { cellText } from "./cells.ts";

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
