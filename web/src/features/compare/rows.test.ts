import { expect, test } from "vitest";
import type { ComparedPage } from "#api/comparison.ts";
import type { AttributeInfo } from "#api/types.ts";
import { differenceOf, differenceText, differs, isOfSomeProcess, looksAlike, rowsOf } from "./rows.ts";

const number = (path: string, value: number): AttributeInfo => ({ path, kind: "float", value });
const page = (attributes: Record<string, AttributeInfo[]>, cursors: Record<string, string | null>): ComparedPage => ({
  attributes: new Map(Object.entries(attributes)),
  cursors: new Map(Object.entries(cursors)),
});

test("a row waits until every run has told all about it", () => {
  const first = page({ a: [number("a", 1), number("c", 3)], b: [number("b", 2)] }, { a: null, b: "b" });
  expect(rowsOf([first]).map(({ path }) => path)).toEqual(["a", "b"]);
  const second = page({ b: [number("c", 4)] }, { b: null });
  const rows = rowsOf([first, second]);
  expect(rows.map(({ path }) => path)).toEqual(["a", "b", "c"]);
  expect([...(rows[2]?.cells.keys() ?? [])]).toEqual(["a", "b"]);
});

test("no page has no row", () => {
  expect(rowsOf([])).toEqual([]);
});

test("what one run has and another has not differs", () => {
  const [row] = rowsOf([page({ a: [number("x", 1)], b: [number("x", 1)] }, { a: null, b: null })]);
  if (row === undefined) throw new Error("one row was made");
  expect(differs(row, ["a", "b"])).toBe(false);
  expect(differs(row, ["a", "b", "c"])).toBe(true);
});

test("what is named after a process of one run is told from what both have", () => {
  const of = (path: string, ...runs: string[]) =>
    isOfSomeProcess({ path, cells: new Map(runs.map((run) => [run, number(path, 1)])) }, ["a", "b"]);
  expect(of("monitoring/1f2e/cpu", "a")).toBe(true);
  expect(of("monitoring/here/cpu", "a", "b")).toBe(false);
  expect(of("parameters/lr", "a")).toBe(false);
});

test("values that only look alike differ", () => {
  const [row] = rowsOf([page({ a: [number("x", 0.1)], b: [number("x", 0.1000001)] }, { a: null, b: null })]);
  if (row === undefined) throw new Error("one row was made");
  expect(differs(row, ["a", "b"])).toBe(true);
});

test("it is known which values would be shown alike though they differ", () => {
  const alike = (...values: number[]) =>
    looksAlike({ path: "x", cells: new Map(values.map((value, at) => [String(at), number("x", value)])) });
  expect(alike(0.12345678, 0.12345679)).toBe(true);
  expect(alike(0.1, 0.2, 0.1)).toBe(false);
});

test("ints are told apart and subtracted to the last digit", () => {
  const int = (value: string | number): AttributeInfo => ({ path: "x", kind: "int", value });
  const [one, other] = [int("1152921504606846976"), int("1152921504606846977")];
  const [row] = rowsOf([page({ a: [one], b: [other] }, { a: null, b: null })]);
  expect(row !== undefined && differs(row, ["a", "b"])).toBe(true);
  const difference = differenceOf(other, one);
  expect(difference !== null && differenceText(difference)).toBe("+1 (0%)");
  expect(differenceOf(int(12), int(10))).toEqual({ delta: 2, percent: 20 });
});

test("a difference is told with its share of the baseline", () => {
  const words = (value: number, base: number) => {
    const difference = differenceOf(number("x", value), number("x", base));
    return difference === null ? null : differenceText(difference);
  };
  expect(words(3, 2)).toBe("+1 (+50%)");
  expect(words(-1, 2)).toBe("−3 (−150%)");
  expect(words(-1, -2)).toBe("+1 (+50%)");
  expect(words(0.505, 0.5)).toBe("+0.005 (+1%)");
  expect(words(1, 0)).toBe("+1");
  expect(words(2, 2)).toBe("=");
  expect(differenceOf({ path: "x", kind: "string", value: "a" }, number("x", 1))).toBeNull();
  expect(differenceOf(number("x", 1), undefined)).toBeNull();
});
