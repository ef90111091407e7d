import { expect, test } from "vitest";
import { indentedJson } from "./json-text.ts";

test("JSON is indented as JavaScript would", () => {
  const value = { a: [1, 2, { b: {} }], "c, {d}": [], e: 'a "quoted" \\ text: [', f: [[null, true], -1.5] };
  expect(indentedJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
  expect(indentedJson(JSON.stringify(value, null, 7))).toBe(JSON.stringify(value, null, 2));
  expect(indentedJson(' "text" ')).toBe('"text"');
});

test("numbers keep their digits, and a name that comes twice stays", () => {
  expect(indentedJson('{"a":12345678901234567890,"b":1e400,"b":1.50}')).toBe(
    '{\n  "a": 12345678901234567890,\n  "b": 1e400,\n  "b": 1.50\n}',
  );
});

test("what is no JSON stays as it is", () => {
  expect(indentedJson('{"a": NaN,')).toBe('{"a": NaN,');
});
