import { expect, test } from "vitest";
import { cellText } from "./cells.ts";
import type { AttributeInfo } from "./types.ts";

test("a cell shows a value, the last of a series, or how many points there are", () => {
  const series = { count: 2, first_step: 0, last_step: 1, last_time: 0, nan_count: 0, inf_count: 0 };
  expect(cellText({ path: "x", kind: "float_series", series: { ...series, last: "NaN" } } as AttributeInfo)).toBe(
    "NaN",
  );
  expect(cellText({ path: "x", kind: "file_series", series } as AttributeInfo)).toBe("2 points");
  expect(cellText({ path: "x", kind: "string_set", value: ["a", "b"] })).toBe("a, b");
  expect(cellText({ path: "x", kind: "bool", value: false })).toBe("false");
});
