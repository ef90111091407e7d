import { expect, test } from "vitest";
import { delimiterOf, parseTable } from "./csv-table.ts";

test("quoted cells hold delimiters, quotes and new lines", () => {
  expect(parseTable('a,b\r\n"x, ""y""\nz",2\n', ",", 9)).toEqual([
    ["a", "b"],
    ['x, "y"\nz', "2"],
  ]);
});

test("empty cells are cells, and no more rows are read than wanted", () => {
  expect(parseTable("a,,c,\n1,2", ",", 9)).toEqual([
    ["a", "", "c", ""],
    ["1", "2"],
  ]);
  expect(parseTable("1\n2\n3\n", ",", 2)).toEqual([["1"], ["2"]]);
  expect(parseTable("", ",", 2)).toEqual([]);
});

test("what stands between cells is found", () => {
  expect(delimiterOf("a.tsv", "text/plain", "a,b")).toBe("\t");
  expect(delimiterOf("a.csv", "text/csv", "a;b,c;d\n1,1,1,1,1")).toBe(";");
  expect(delimiterOf("a.csv", "text/csv", "a,b")).toBe(",");
});
