import { expect, test } from "vitest";
import type { AttributeInfo, Run, RunRow, SeriesInfo } from "#api/types.ts";
import { columnOf } from "./column-spec.ts";
import { exactText, exactValue } from "./exact-values.ts";

test("a file gets every digit, times in ISO 8601 and durations in seconds", () => {
  const run = { name: "a", status: "running", created_at: 0, ended_at: null, heard_at: 0, tags: ["x", "y"] };
  const row = { run: run as unknown as Run, cells: { lr: { path: "lr", kind: "float" as const, value: 0.123456789 } } };
  const texts = ["lr", "sys/creation_time", "sys/running_time", "sys/tags", "none"].map((path) =>
    exactText(row, columnOf(path), 1500),
  );
  expect(texts).toEqual(["0.123456789", "1970-01-01T00:00:00.000Z", "1.5", "x, y", ""]);
});

test("numbers, truths and moments stay what they are; sets and names of files are texts", () => {
  const run = { name: "a", status: "failed", created_at: 0, ended_at: 5, heard_at: 5, tags: [] } as unknown as Run;
  const cells: Record<string, AttributeInfo> = {
    count: { path: "count", kind: "int", value: 3 },
    seed: { path: "seed", kind: "int", value: "9007199254740993" },
    lr: { path: "lr", kind: "float", value: 3 },
    bad: { path: "bad", kind: "float", value: "-Infinity" },
    amp: { path: "amp", kind: "bool", value: false },
    at: { path: "at", kind: "datetime", value: "2026-01-02T03:04:05.678Z" },
    set: { path: "set", kind: "string_set", value: ["x", "y"] },
    loss: { path: "loss", kind: "float_series", series: { count: 2, last: "NaN", min: 0.5, max: null } as SeriesInfo },
    text: { path: "text", kind: "string", value: "" },
  };
  const row: RunRow = { run, cells, picked: { "first(loss)": "NaN", "loss@max(acc)": 2 } };
  expect(exactValue(row, columnOf("loss", "first"), 0)).toBeNaN();
  expect(exactValue(row, { ...columnOf("loss"), at: { best: "max", path: "acc" } }, 0)).toBe(2);
  expect(exactValue(row, columnOf("lr", "first"), 0)).toBe(null);
  const values = [...Object.keys(cells), "none"].map((path) => exactValue(row, columnOf(path), 0));
  expect(values).toEqual([
    3n,
    9007199254740993n,
    3,
    Number.NEGATIVE_INFINITY,
    false,
    new Date("2026-01-02T03:04:05.678Z"),
    "x, y",
    Number.NaN,
    "",
    null,
  ]);
  expect(exactValue(row, columnOf("loss", "count"), 0)).toBe(2n);
  expect(exactValue(row, columnOf("loss", "max"), 0)).toBe(null);
  expect(exactValue(row, columnOf("sys/state"), 0)).toBe("failed");
  expect(exactText(row, columnOf("bad"), 0)).toBe("-Infinity");
  const zero = { ...row, cells: { lr: { path: "lr", kind: "float", value: -0 } as const } };
  expect(exactText(zero, columnOf("lr"), 0)).toBe("-0");
});
