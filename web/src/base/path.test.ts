import { expect, test } from "vitest";
import { comparePaths, groupByNamespace, matchesSearch, namespaceOf, withinGroup } from "./path.ts";

test("a namespace is what stands before the last slash", () => {
  expect(namespaceOf("a/b/c")).toBe("a/b");
  expect(namespaceOf("a")).toBe("");
});

test("numbers in paths are ordered as numbers", () => {
  expect(["layer10", "layer2"].sort(comparePaths)).toEqual(["layer2", "layer10"]);
});

test("a search finds its words in any order and case", () => {
  expect(matchesSearch("train/Loss", "loss train")).toBe(true);
  expect(matchesSearch("train/loss", "loss val")).toBe(false);
  expect(matchesSearch("train/loss", "")).toBe(true);
});

test("paths are grouped by their first segments", () => {
  const groups = groupByNamespace(["val/loss", "train/b/x", "train/a", "top"]);
  expect(groups).toEqual([
    { name: "", paths: ["top"] },
    { name: "train", paths: ["train/a", "train/b/x"] },
    { name: "val", paths: ["val/loss"] },
  ]);
  expect(withinGroup("train/b/x", "train")).toBe("b/x");
  expect(withinGroup("top", "")).toBe("top");
});

test("a deeper grouping keeps processes apart", () => {
  const groups = groupByNamespace(["monitoring/aa/cpu", "monitoring/aa/process/cpu", "monitoring/bb/cpu"], 2);
  expect(groups.map(({ name, paths }) => [name, paths.length])).toEqual([
    ["monitoring/aa", 2],
    ["monitoring/bb", 1],
  ]);
});

test("what the machine does stands behind what the training says", () => {
  const groups = groupByNamespace(["monitoring/aa/cpu", "train/loss", "monitoring_plan/x", "loss"]);
  expect(groups.map(({ name }) => name)).toEqual(["", "monitoring_plan", "train", "monitoring"]);
});
