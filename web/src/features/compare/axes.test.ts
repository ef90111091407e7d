import { expect, test } from "vitest";
import type { AttributeInfo } from "#api/types.ts";
import { axisOf, type Brush, brushAddress, brushesOf, isWithin, shareOf, valueAt, withBrush } from "./axes.ts";

function cells(...values: (number | string | null)[]): Map<string, AttributeInfo> {
  return new Map(
    values.flatMap((value, run) => {
      const kind = typeof value === "number" ? "float" : "string";
      return value === null ? [] : [[`run${run}`, { path: "x", kind, value } as AttributeInfo] as const];
    }),
  );
}

test("values of many magnitudes stand on a logarithmic axis, unless it is flipped", () => {
  const axis = axisOf("x", cells(0.0001, 0.01, 1), false);
  expect(axis.kind).toBe("log");
  expect(shareOf(axis, 0.01)).toBeCloseTo(0.5, 10);
  expect(valueAt(axis, shareOf(axis, 0.03))).toBeCloseTo(0.03, 10);
  expect(axis.ticks.map(({ label }) => label)).toEqual(["0.0001", "0.001", "0.01", "0.1", "1"]);
  expect(axisOf("x", cells(0.0001, 0.01, 1), true).kind).toBe("linear");
  expect(axisOf("x", cells(1, 2), true).kind).toBe("log");
});

test("values of zero or less have no logarithmic axis, and a single value some room", () => {
  expect(axisOf("x", cells(-1, 1000), true)).toMatchObject({ kind: "linear", mayBeLog: false });
  const single = axisOf("x", cells(5), false);
  expect(shareOf(single, 5)).toBeCloseTo(0.5, 10);
  expect(axisOf("x", cells(0), false).low).toBeLessThan(0);
});

test("words stand one above the other, the first on top, and runs without one are left out", () => {
  const axis = axisOf("x", cells("sgd", "adam", null, "adam"), false);
  expect(axis.words).toEqual(["sgd", "adam"]);
  expect([...axis.values]).toEqual([
    ["run0", 0],
    ["run1", 1],
    ["run3", 1],
  ]);
  expect(axis.ticks.map(({ share }) => share)).toEqual([0.25, 0.75]);
});

test("a run is kept if it lies within every brush of an axis that is shown", () => {
  const axes = [axisOf("x", cells(1, 2, 3, null), false), axisOf("y:z", cells(1, 1, 5, 1), false)];
  const kept = (...brushes: Brush[]) => ["run0", "run1", "run2", "run3"].filter((run) => isWithin(run, axes, brushes));
  expect(kept({ path: "x", low: 1, high: 2 })).toEqual(["run0", "run1"]);
  expect(kept({ path: "x", low: 2, high: 3 }, { path: "y:z", low: 0, high: 2 })).toEqual(["run1"]);
  expect(kept({ path: "hidden", low: 0, high: 0 })).toHaveLength(4);
});

test("brushes survive their address, and one of each axis is kept", () => {
  const brush = { path: "a:b/c", low: 1e-5, high: 0.25 };
  expect(brushesOf([brushAddress(brush)])).toEqual([brush]);
  expect(brushesOf(["1:2", "2:1:x", ":1:x", "a:b:x"])).toEqual([]);
  expect(withBrush(["1:2:x", "3:4:y"], "x", { path: "x", low: 5, high: 6 })).toEqual(["3:4:y", "5:6:x"]);
  expect(withBrush(["1:2:x"], "x", null)).toBeUndefined();
});
