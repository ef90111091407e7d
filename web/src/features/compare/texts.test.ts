import { expect, test } from "vitest";
import type { AttributeInfo, Kind } from "#api/types.ts";
import { pairTexts } from "./texts.ts";

const value = (path: string, kind: Kind, given: NonNullable<AttributeInfo["value"]> | null): AttributeInfo => ({
  path,
  kind,
  value: given,
  series: null,
  file: null,
});
const file = (path: string, sha256: string, media_type = "text/plain"): AttributeInfo => ({
  ...value(path, "file", null),
  file: { sha256, filename: path, media_type, size: 3, caption: null },
});

test("the configuration is a line for each value that the script has set", () => {
  const before = [value("lr", "float", 0.1), value("net", "string", "a\nb"), value("sys/name", "string", "x")];
  const [pair] = pairTexts(before, [value("tags", "string_set", ["a", "b"])]);
  expect(pair).toMatchObject({
    name: "configuration",
    before: { text: 'lr: 0.1\nnet: "a\\nb"' },
    after: { text: "tags: {a, b}" },
    differs: true,
  });
});

test("consoles are paired whatever the processes are called, and files by path", () => {
  const pairs = pairTexts(
    [value("monitoring/a/stdout", "string_series", null), file("source_code/requirements", "1"), file("x", "1")],
    [value("monitoring/b/stdout", "string_series", null), file("source_code/requirements", "2"), file("x", "1")],
  );
  expect(pairs.map(({ title, differs }) => [title, differs])).toEqual([
    ["Console: standard output", null],
    ["Requirements", true],
    ["x", false],
  ]);
});

test("what is no text is left out, and what only one has differs", () => {
  const pairs = pairTexts([file("a.png", "1", "image/png"), file("b.txt", "1")], []);
  expect(pairs.map(({ name, after, differs }) => [name, after, differs])).toEqual([["b.txt", null, true]]);
});
