import { expect, test } from "vitest";
import type { AttributeInfo, Kind } from "./types.ts";
import { isEditable, typedValue, valueJson, valueProblem } from "./value-text.ts";

test.each<[Kind, string, string | null]>([
  ["bool", "True", "true"],
  ["bool", "yes", null],
  ["int", "+007", "7"],
  ["int", "-123456789012345678901", "-123456789012345678901"],
  ["int", "1.5", null],
  ["float", "1e-3", "0.001"],
  ["float", "-inf", '"-Infinity"'],
  ["float", "nan", '"NaN"'],
  ["float", "", null],
  ["string", ' a "b"', '" a \\"b\\""'],
  ["datetime", "2024-02-29T12:30:00Z", '"2024-02-29T12:30:00.000Z"'],
  ["datetime", "soon", null],
  ["datetime", "2026-02-30", null],
  ["string_set", "a\n\n b \na", '["a","b"]'],
  ["file", "x", null],
])("%s %s is sent as %s", (kind, typed, sent) => {
  expect(valueJson(kind, typed)).toBe(sent);
});

test("what says what happened is not edited", () => {
  const one = (path: string, kind: Kind): AttributeInfo => ({ path, kind, value: 1, series: null, file: null });
  expect(isEditable(one("parameters/lr", "float"))).toBe(true);
  expect(isEditable(one("sys/seed", "int"))).toBe(false);
  expect(isEditable(one("monitoring/a/pid", "int"))).toBe(false);
  expect(isEditable(one("train/loss", "float_series"))).toBe(false);
  expect(typedValue({ ...one("p", "string_set"), value: ["a", "b"] })).toBe("a\nb");
});

test("what is no value of a kind is said with what is one", () => {
  expect(valueProblem("int", "1.5")).toBe("This is no int. A whole number");
  expect(valueProblem("int", "15")).toBe(null);
});
