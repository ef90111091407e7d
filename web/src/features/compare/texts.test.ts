import { expect, test } from "vitest";
import type { AttributeInfo, Kind } from "#api/types.ts";
import { differingValues, sourceOf, titleOf } from "./texts.ts";

const value = (path: string, kind: Kind, given: NonNullable<AttributeInfo["value"]>): AttributeInfo => ({
  path,
  kind,
  value: given,
  series: null,
  file: null,
});

test("values that differ are the lines of a change, which counts all of them", () => {
  const pairs = [
    { path: "lr", before: value("lr", "float", 0.1), after: value("lr", "float", 0.4) },
    { path: "net", before: value("net", "string", "a\nb"), after: null },
    { path: "tags", before: null, after: value("tags", "string_set", ["a", "b"]) },
  ];
  const file = differingValues(pairs, { before_count: 20, after_count: 30 });
  expect(file).toMatchObject({ path: "Configuration", removed: 20, added: 30 });
  expect(file.lines.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    "removed lr: 0.1",
    "added lr: 0.4",
    'removed net: "a\\nb"',
    "added tags: {a, b}",
  ]);
});

test("texts have names for people", () => {
  expect(["configuration", "stdout", "source_code/files/src/a.py", "out/log"].map(titleOf)).toEqual([
    "Configuration",
    "Console: standard output",
    "src/a.py",
    "out/log",
  ]);
});

test("a text is a file, the end of a series, or not there", () => {
  const file = { sha256: "0", filename: "x", media_type: "text/plain", size: 1, caption: null };
  expect(sourceOf({ path: "x", file })).toEqual({ kind: "file", path: "x", file });
  expect(sourceOf({ path: "m/stdout", file: null })).toEqual({ kind: "lines", path: "m/stdout" });
  expect(sourceOf(null)).toBeNull();
});
