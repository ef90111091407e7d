import { expect, test } from "vitest";
import { buildTree, flattenTree } from "./tree.ts";

const tree = buildTree(["train/loss", "train/acc", "train", "params/lr"], (path) => path);
const shown = (isExpanded: (path: string) => boolean) =>
  flattenTree(tree, isExpanded).map(({ node, depth }) => `${depth} ${node.path}`);

test("an open tree shows every path below its folder", () => {
  expect(shown(() => true)).toEqual(["0 params", "1 params/lr", "0 train", "1 train/acc", "1 train/loss"]);
});

test("a closed folder hides what is below it", () => {
  expect(shown((path) => path === "params")).toEqual(["0 params", "1 params/lr", "0 train"]);
});

test("a path can hold an item and have children", () => {
  const row = flattenTree(tree, () => true).find(({ node }) => node.path === "train");
  expect(row?.node.item).toBe("train");
  expect(row?.expandable).toBe(true);
  expect(row?.node.size).toBe(3);
});
