import { expect, test } from "vitest";
import type { Change } from "#base/change.ts";
import { changed } from "#base/change.ts";
import { type FoldedView, folding, newest, turned } from "./toggled.ts";

test("a folder is turned and turned back", () => {
  expect(turned(["a"], "b")).toEqual(["a", "b"]);
  expect(turned(["a", "b"], "a")).toEqual(["b"]);
});

test("the oldest are forgotten where an address could not hold all", () => {
  const many = Array.from({ length: 50 }, (_, at) => `f${at}`);
  expect(turned(many, "new")).toEqual([...many.slice(1), "new"]);
  expect(newest([...many, "new"])).toEqual([...many.slice(1), "new"]);
  const long = ["x", "y", "z"].map((letter) => letter.repeat(900));
  expect(turned(long.slice(0, 2), long[2] ?? "")).toEqual(long.slice(1));
});

test("the longest of paths is turned, too", () => {
  const longest = "層".repeat(341);
  expect(turned(["a"], longest)).toEqual([longest]);
});

test("a section is as it starts until it is turned, however fast one turns others", () => {
  let view: FoldedView = {};
  const onView = (change: Change<FoldedView>) => {
    view = changed(view, change);
  };
  const before = view;
  expect(folding(before, onView, "train", true).isOpen).toBe(true);
  expect(folding(before, onView, "gpu", false).isOpen).toBe(false);
  folding(before, onView, "train", true).onToggle();
  folding(before, onView, "gpu", false).onToggle();
  expect(view).toEqual({ folded: ["train", "gpu"] });
  expect(folding(view, onView, "train", true).isOpen).toBe(false);
  expect(folding(view, onView, "gpu", false).isOpen).toBe(true);
  folding(view, onView, "train", true).onToggle();
  expect(view).toEqual({ folded: ["gpu"] });
});
