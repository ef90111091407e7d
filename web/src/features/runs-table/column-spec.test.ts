import { expect, test } from "vitest";
import {
  askedPaths,
  askedPicks,
  columnId,
  columnOf,
  formatColumn,
  measureText,
  moved,
  nextSort,
  parseColumn,
  tableColumns,
} from "./column-spec.ts";

test.each([
  columnOf("train/loss"),
  columnOf("train/loss", "min"),
  columnOf("train/loss", "first"),
  { ...columnOf("accuracy"), at: { best: "max", path: "val/f1" } as const },
  { ...columnOf("a;b%20c", "average"), name: "50%; or so", width: 120, pinned: true, format: "percent" as const },
])("a column survives its address: %j", (spec) => {
  expect(parseColumn(formatColumn(spec))).toEqual(spec);
});

test("what an address says wrongly of a column is ignored", () => {
  expect(parseColumn("loss;width=-3;format=roman;colour=red")).toEqual(columnOf("loss"));
  expect(parseColumn("loss;width=1")?.width).toBe(60);
  expect(parseColumn("%zz")?.path).toBe("%zz");
  expect(parseColumn("")).toBeNull();
});

test("without a choice the columns are those of every run, then the server's", () => {
  const paths = tableColumns(undefined, ["loss"]).map(({ path }) => path);
  expect(paths).toEqual(["sys/name", "sys/state", "sys/creation_time", "sys/running_time", "sys/tags", "loss"]);
  expect(askedPaths(undefined)).toEqual([]);
});

test("the run comes first, then what is pinned, and nothing twice", () => {
  const columns = tableColumns(["loss", "lr;pinned", "loss", "min(loss)"], ["other"]);
  expect(columns.map(columnId)).toEqual(["sys/name", "lr", "loss", "min(loss)"]);
  expect(askedPaths(["loss", "min(loss)", "sys/state"])).toEqual(["loss"]);
});

test("columns that one point stands for are asked for as such", () => {
  const named = ["loss", "first(loss)", "acc@min(val/loss);pinned", "max(loss)"];
  expect(askedPicks(named)).toEqual(["acc@min(val/loss)", "first(loss)"]);
  expect(askedPaths(named)).toEqual(["acc", "loss"]);
  expect(tableColumns(named, []).map(measureText)).toEqual(["", "at min of val/loss", "", "first", "maximum"]);
  expect(askedPicks(undefined)).toEqual([]);
});

test("a table of own columns alone does not leave the choice to the server", () => {
  expect(askedPaths(["sys/state"])).toHaveLength(1);
});

test("a column that is put among pinned ones is pinned", () => {
  const columns = tableColumns(["a;pinned", "b", "c"], []);
  expect(moved(columns, 3, 2).map(columnId)).toEqual(["sys/name", "a", "c", "b"]);
  expect(moved(columns, 3, 1).map(({ pinned }) => pinned)).toEqual([false, true, true, false]);
  expect(moved(columns, 1, 3).map(columnId)).toEqual(["sys/name", "b", "c", "a"]);
  expect(moved(columns, 1, 3)[3]?.pinned).toBe(false);
  expect(moved(columns, 0, 2).map(columnId)).toEqual(["sys/name", "a", "b", "c"]);
});

test("a click sorts by one column, a shift-click by one more", () => {
  expect(nextSort([], "loss", false)).toEqual(["-loss"]);
  expect(nextSort(["-loss"], "loss", false)).toEqual(["loss"]);
  expect(nextSort(["loss"], "loss", false)).toEqual([]);
  expect(nextSort(["-loss"], "lr", true)).toEqual(["-loss", "-lr"]);
  expect(nextSort(["-loss", "-lr"], "loss", true)).toEqual(["loss", "-lr"]);
  expect(nextSort(["loss", "-lr"], "loss", true)).toEqual(["-lr"]);
  expect(nextSort(["loss", "-lr"], "lr", false)).toEqual(["lr"]);
  const most = ["a", "b", "c", "d", "e", "f", "g", "h"];
  expect(nextSort(most, "i", true)).toEqual(most);
});
