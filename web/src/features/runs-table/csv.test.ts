import { expect, test } from "vitest";
import type { RunRow } from "#api/types.ts";
import { columnOf } from "./column-spec.ts";
import { csvLine, rowLine } from "./csv.ts";
import { parseViews } from "./saved-views.ts";

test("a field with a comma, a quote or a line break is quoted", () => {
  expect(csvLine(["a", "b,c", 'say "hi"', "two\nlines", ""])).toBe('a,"b,c","say ""hi""","two\nlines",\r\n');
});

test("a row begins with the run's key and id", () => {
  const run = { key: "CATS-1", id: "1".repeat(32), name: "x", tags: ["a", "b"] };
  const row = { run, cells: {} } as unknown as RunRow;
  expect(rowLine(row, [columnOf("sys/name"), columnOf("sys/tags"), columnOf("lr")], 0)).toBe(
    `CATS-1,${run.id},x,"a, b",\r\n`,
  );
});

test("what was stored wrongly of views is left out", () => {
  const good = { name: "best", address: "sort=loss" };
  expect(parseViews(JSON.stringify({ "a/b": [good, { name: 1 }, null], c: 7 }))).toEqual({ "a/b": [good] });
  expect(parseViews(null)).toEqual({});
  expect(parseViews("3")).toEqual({});
});
