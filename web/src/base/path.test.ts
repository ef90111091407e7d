import { expect, test } from "vitest";
import { comparePaths, matchesSearch, namespaceOf, withinGroup } from "./path.ts";

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

test("a path within a section is what the section's name does not say", () => {
  expect(withinGroup("train/b/x", "train")).toBe("b/x");
  expect(withinGroup("top", "")).toBe("top");
});
