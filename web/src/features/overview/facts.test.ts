import { expect, test } from "vitest";
import type { AttributeInfo } from "#api/types.ts";
import { factsOf } from "./facts.ts";

const text = (path: string, value: string | boolean): AttributeInfo => ({
  path,
  kind: typeof value === "string" ? "string" : "bool",
  value,
  series: null,
  file: null,
});

test("notes and facts are told, receipts and what the head says are not", () => {
  const system = [
    text("sys/description", "first try"),
    text("sys/group_tags", ""),
    text("sys/hostname", "gpu-1"),
    text("sys/name", "cats"),
    text("sys/receipt/points_logged", "9"),
  ];
  expect(factsOf(system, [])).toEqual({ notes: "first try", facts: [{ name: "hostname", text: "gpu-1" }] });
});

test("a commit is told in short, and whether it is all of the code", () => {
  const source = [
    text("source_code/entrypoint", "train.py"),
    text("source_code/git/commit", "0123456789abcdef"),
    text("source_code/git/dirty", true),
  ];
  expect(factsOf([], source).facts).toEqual([
    { name: "script", text: "train.py" },
    { name: "commit", text: "0123456789, with changes that were not committed" },
  ]);
  expect(factsOf([], source.slice(0, 2)).facts.at(-1)?.text).toBe("0123456789");
});
