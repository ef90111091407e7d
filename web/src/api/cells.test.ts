import { expect, test } from "vitest";
import { cellText, exactText } from "./cells.ts";
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

test("an int has all of its digits, and a float if they are asked for", () => {
  expect(cellText({ path: "x", kind: "int", value: 1763811732 })).toBe("1\u202f763\u202f811\u202f732");
  expect(cellText({ path: "x", kind: "int", value: "1152921504606846977" })).toBe("1152921504606846977");
  expect(cellText({ path: "x", kind: "float", value: 0.123456789 })).toBe("0.12346");
  expect(exactText({ path: "x", kind: "float", value: 0.123456789 })).toBe("0.123456789");
  expect(exactText({ path: "x", kind: "string", value: "a" })).toBe("a");
});
