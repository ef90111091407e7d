import { expect, test } from "vitest";
import type { AttributeInfo } from "#api/types.ts";
import { firstShown, sourceOf } from "./source.ts";

const value = (path: string, said: string | boolean): AttributeInfo => ({
  path: `source_code/${path}`,
  kind: typeof said === "string" ? "string" : "bool",
  value: said,
  series: null,
  file: null,
});
const file = (path: string): AttributeInfo => ({
  path: `source_code/${path}`,
  kind: "file",
  value: null,
  series: null,
  file: { sha256: "0", filename: path, media_type: "text/plain", size: 1, caption: null },
});

test("files, changes and git are told apart", () => {
  const source = sourceOf([
    file("files/src/b10.py"),
    file("files/src/b9.py"),
    file("diff"),
    file("upstream_diff_abc"),
    file("requirements"),
    value("entrypoint", "src/b10.py"),
    value("git/commit", "abc"),
    value("git/dirty", true),
    value("git/remotes/fork", "https://host/x"),
    { ...value("x", "y"), path: "parameters/source_code/diff" },
  ]);
  expect(source?.files.map(({ name }) => name)).toEqual(["src/b9.py", "src/b10.py"]);
  expect(source?.diffs.map(({ name }) => name)).toEqual(["diff", "upstream_diff_abc"]);
  expect(source).toMatchObject({ isDirty: true, remotes: [{ name: "fork", url: "https://host/x" }] });
  expect(source?.git.get("commit")).toBe("abc");
  expect(source && firstShown(source)?.name).toBe("src/b10.py");
});

test("a run without source code has none", () => {
  expect(sourceOf([{ ...value("x", "y"), path: "train/x" }])).toBeNull();
});
