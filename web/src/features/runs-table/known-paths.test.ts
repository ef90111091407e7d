import { expect, test } from "vitest";
import { kindsText, knownPaths } from "./known-paths.ts";

test("a path where runs have different kinds of things is there once, where it came first", () => {
  const found = knownPaths([
    { path: "mixed", kind: "int", run_count: 1 },
    { path: "lr", kind: "float", run_count: 2 },
    { path: "mixed", kind: "float_series", run_count: 3 },
  ]);
  expect(found).toEqual([
    { path: "mixed", kinds: ["float_series", "int"], runCount: 4 },
    { path: "lr", kinds: ["float"], runCount: 2 },
  ]);
  expect(found.map(kindsText)).toEqual(["float series or int, 4 runs", "float, 2 runs"]);
});
