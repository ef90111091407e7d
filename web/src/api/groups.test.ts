import { expect, test } from "vitest";
import { groupsOf } from "./groups.ts";
import type { AttributeInfo } from "./types.ts";

const lr = (value: number): AttributeInfo => ({ path: "p/lr", kind: "float", value });

test("runs of one value are one group, groups stand in order of value, and those without one come last", () => {
  const values = new Map([
    ["a", lr(10)],
    ["b", lr(0.5)],
    ["d", lr(10)],
  ]);
  expect(groupsOf(["a", "b", "c", "d"], values)).toEqual([
    { name: "0.5", slot: 0, runIds: ["b"] },
    { name: "10", slot: 1, runIds: ["a", "d"] },
    { name: "none", slot: 2, runIds: ["c"] },
  ]);
});

test("texts are ordered as people order them", () => {
  const text = (value: string): AttributeInfo => ({ path: "x", kind: "string", value });
  const values = new Map([
    ["a", text("layer10")],
    ["b", text("layer2")],
  ]);
  expect(groupsOf(["a", "b"], values).map(({ name }) => name)).toEqual(["layer2", "layer10"]);
});
