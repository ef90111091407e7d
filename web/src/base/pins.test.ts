import { expect, test } from "vitest";
import { placePins } from "./pins.ts";

const PLOT = { left: 0, right: 100, pixel: 1, placeOf: (x: number) => x, widthOf: (words: string) => words.length * 5 };

function pinned(...places: readonly [number, string][]) {
  return placePins(
    places.map(([x, text]) => ({ x, text, color: "#000000" })),
    PLOT,
  );
}

test("texts that would lie over each other stand in rows", () => {
  const rows = pinned([12, "second"], [10, "first"], [60, "third"]).map(({ text, row }) => [text, row]);
  expect(rows).toEqual([
    ["first", 0],
    ["second", 1],
    ["third", 0],
  ]);
});

test("a text at the right edge stands at the left of its line, and one outside is not there", () => {
  const [only, ...others] = pinned([95, "late"], [120, "too late"]);
  expect(only).toMatchObject({ place: 95, start: 69, width: 26 });
  expect(others).toEqual([]);
});

test("a long text is cut", () => {
  expect(pinned([0, "x".repeat(40)])[0]?.text).toBe(`${"x".repeat(27)}…`);
});
