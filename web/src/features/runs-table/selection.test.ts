import { expect, test } from "vitest";
import type { RunRow } from "#api/types.ts";
import { type SelectionView, selectionOf } from "./selection.ts";

const rows = ["a", "b"].map((id) => ({ run: { id } }) as RunRow);

function after(view: SelectionView, act: (selection: ReturnType<typeof selectionOf>) => void): SelectionView {
  let next: SelectionView = view;
  act(selectionOf(view, rows, (patch) => (next = { ...next, ...patch })));
  return JSON.parse(JSON.stringify(next)) as SelectionView;
}

test("all that match are selected until one of them is taken out", () => {
  const all = after({ runs: ["a"], hidden: ["a"] }, ({ selectAll }) => selectAll());
  expect(all).toEqual({ all: true });
  expect([...selectionOf(all, rows, () => undefined).selected]).toEqual(["a", "b"]);
  expect(after(all, ({ select }) => select(new Set(["b"])))).toEqual({ runs: ["b"] });
  expect(after(all, ({ select }) => select(new Set()))).toEqual({});
});

test("what is hidden is selected, and an address has room for a thousand", () => {
  expect([...selectionOf({ runs: ["a"], hidden: ["a", "b"] }, rows, () => undefined).hidden]).toEqual(["a"]);
  expect(after({ runs: ["a"] }, ({ hide }) => hide("a", true))).toEqual({ runs: ["a"], hidden: ["a"] });
  expect(after({ runs: ["a"], hidden: ["a"] }, ({ select }) => select(new Set(["b"])))).toEqual({ runs: ["b"] });
  const many = new Set(Array.from({ length: 1001 }, (_, index) => String(index)));
  expect(after({}, ({ select }) => select(many)).runs).toHaveLength(1000);
});
