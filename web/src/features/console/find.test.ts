import { expect, test } from "vitest";
import { findLines, splitMatches } from "./find.ts";

test("a search ignores case and colours", () => {
  const lines = ["\u001b[31mError\u001b[0m here", "fine"].map((text, step) => ({ step, time: 0, text }));
  expect(findLines(lines, "error here")).toEqual([0]);
  expect(findLines(lines, "")).toEqual([]);
});

test("every second part is a match", () => {
  expect(splitMatches("aXbxa", "x")).toEqual(["a", "X", "b", "x", "a"]);
  expect(splitMatches("abc", "")).toEqual(["abc"]);
});
