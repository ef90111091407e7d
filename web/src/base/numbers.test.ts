import { expect, test } from "vitest";
import { formatBytes, formatCompact, formatCount, formatNumber, parseExactJson, parseJsonFloat } from "./numbers.ts";

test("floats that JSON cannot write come back as what they were", () => {
  expect(parseJsonFloat("NaN")).toBeNaN();
  expect(parseJsonFloat("Infinity")).toBe(Number.POSITIVE_INFINITY);
  expect(parseJsonFloat("-Infinity")).toBe(Number.NEGATIVE_INFINITY);
  expect(parseJsonFloat(0.5)).toBe(0.5);
  expect(parseJsonFloat(null)).toBeNaN();
});

test.each([
  [0, "0"],
  [0.1 + 0.2, "0.3"],
  [0.00023456789, "0.00023457"],
  [0.0000123456, "1.235e−5"],
  [-1.5, "−1.5"],
  [1234567.8, "1.235e6"],
  [12345, "12\u202f345"],
  [Number.NaN, "NaN"],
  [Number.NEGATIVE_INFINITY, "−∞"],
])("%d is shown as %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test("counts have a thin space between thousands", () => {
  expect(formatCount(999)).toBe("999");
  expect(formatCount(1234567)).toBe("1\u202f234\u202f567");
});

test("bytes climb to the next unit before they need four digits", () => {
  expect(formatBytes(999)).toBe("999 B");
  expect(formatBytes(1000)).toBe("1.0 kB");
  expect(formatBytes(999_960)).toBe("1.0 MB");
  expect(formatBytes(123_456_789)).toBe("123 MB");
});

test.each([
  [0, "0"],
  [1500, "1500"],
  [20_000, "20k"],
  [2_500_000, "2.5M"],
  [-1_000_000, "−1M"],
  [0.25, "0.25"],
  [1e300, "1e300"],
])("the tick at %d says %s", (value, text) => {
  expect(formatCompact(value)).toBe(text);
});

test("whole numbers that no float holds keep their digits as texts, other numbers stay numbers", () => {
  const text =
    '{"seed": 9007199254740993, "big": -1152921504606846977, "lr": 0.1, "huge": 1e300, "f": 1234567890123456.5, "n": 7, "t": "a \\" 9007199254740993"}';
  expect(parseExactJson(text)).toEqual({
    seed: "9007199254740993",
    big: "-1152921504606846977",
    lr: 0.1,
    huge: 1e300,
    f: 1234567890123456.5,
    n: 7,
    t: 'a " 9007199254740993',
  });
});
