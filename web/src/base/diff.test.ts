import { expect, test } from "vitest";
import { diffKind, isDiff } from "./diff.ts";

test("every line of a diff has its kind", () => {
  const lines = ["diff --git a/x b/x", "--- a/x", "+++ b/x", "@@ -1 +1 @@", "-old", "+new", " same"];
  expect(lines.map(diffKind)).toEqual(["file", "file", "file", "hunk", "removed", "added", "same"]);
});

test("a list with dashes is no diff", () => {
  expect(isDiff("- one\n- two\n--- \n")).toBe(false);
  expect(isDiff("--- a/x\n+++ b/x\n")).toBe(true);
});
