import { expect, test } from "vitest";
import { different } from "./export-rows.ts";
import { typedColumn } from "./parquet.ts";

test("a column keeps the one type that its values have, and nothing stays nothing", () => {
  expect(typedColumn([true, null])).toEqual({ type: "BOOLEAN", data: [true, null] });
  expect(typedColumn([2n, null, -(2n ** 63n)])).toEqual({ type: "INT64", data: [2n, null, -(2n ** 63n)] });
  expect(typedColumn([0.5, 2n, null])).toEqual({ type: "DOUBLE", data: [0.5, 2, null] });
  expect(typedColumn([new Date(5)])).toEqual({ type: "TIMESTAMP", data: [new Date(5)] });
  expect(typedColumn([null])).toEqual({ type: "STRING", data: [null] });
});

test("values of several types, and numbers that have no room, are texts with every digit", () => {
  const texts = ["1", "true", "0.1", "1970-01-01T00:00:00.005Z", "x", null];
  expect(typedColumn([1n, true, 0.1, new Date(5), "x", null])).toEqual({ type: "STRING", data: texts });
  expect(typedColumn([2n ** 63n, 1n])).toEqual({ type: "STRING", data: ["9223372036854775808", "1"] });
});

test("two columns of one name are told apart", () => {
  expect(different(["key", "a", "a", "key", "a"])).toEqual(["key", "a", "a (2)", "key (2)", "a (3)"]);
});
