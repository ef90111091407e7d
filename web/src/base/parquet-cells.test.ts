import { expect, test } from "vitest";
import { parquetCell } from "./parquet-cells.ts";

test.each([
  [null, ""],
  [undefined, ""],
  [0, "0"],
  [Number.NaN, "NaN"],
  [false, "false"],
  [9007199254740993n, "9007199254740993"],
  ["a,b", "a,b"],
  [new Date(0), "1970-01-01T00:00:00.000Z"],
  [new Date(Number.NaN), ""],
  [new Uint8Array(3), "3 bytes"],
  [[1n, null, { a: new Date(0) }], '[1,null,{"a":"1970-01-01T00:00:00.000Z"}]'],
])("%s is shown as %s", (value, text) => {
  expect(parquetCell(value)).toBe(text);
});
