import { expect, test } from "vitest";
import { splitMatches } from "./find.ts";

test("every second part is a match", () => {
  expect(splitMatches("aXbxa", "x")).toEqual(["a", "X", "b", "x", "a"]);
  expect(splitMatches("a.c abc", "a.c")).toEqual(["", "a.c", " abc"]);
  expect(splitMatches("abc", "")).toEqual(["abc"]);
});

test("an expression marks what it matches, and nothing where it is empty or not understood", () => {
  expect(splitMatches("loss 0.25, lr 3", "[0-9.]+", true)).toEqual(["loss ", "0.25", ", lr ", "3", ""]);
  expect(splitMatches("abc", "x*", true)).toEqual(["abc"]);
  expect(splitMatches("abc", "(", true)).toEqual(["abc"]);
});
