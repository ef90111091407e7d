import { expect, test } from "vitest";
import { turned } from "./toggled.ts";

test("a folder is turned and turned back", () => {
  expect(turned(["a"], "b")).toEqual(["a", "b"]);
  expect(turned(["a", "b"], "a")).toEqual(["b"]);
});

test("the oldest are forgotten where an address could not hold all", () => {
  const many = Array.from({ length: 200 }, (_, at) => `f${at}`);
  expect(turned(many, "new")).toEqual([...many.slice(1), "new"]);
  const long = ["x", "y", "z"].map((letter) => letter.repeat(2400));
  expect(turned(long.slice(0, 2), long[2] ?? "")).toEqual(long.slice(1));
});
