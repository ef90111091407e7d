import { expect, test } from "vitest";
import type { AttributeInfo, TreeRow } from "#api/types.ts";
import { entryPaths, isDiffPath, sourceFile, sourceOf } from "./source.ts";

const value = (path: string, said: string | boolean): AttributeInfo => ({
  path: `source_code/${path}`,
  kind: typeof said === "string" ? "string" : "bool",
  value: said,
  series: null,
  file: null,
});
const FILE = { sha256: "0", filename: "x", media_type: "text/plain", size: 1, caption: null };
const row = (name: string, inside = 0): TreeRow => {
  const path = `source_code/${name}`;
  const attribute: AttributeInfo = { path, kind: "file", value: null, series: null, file: FILE };
  return {
    path,
    name,
    depth: 0,
    parent: null,
    expandable: inside > 0,
    expanded: false,
    size: Math.max(1, inside),
    attribute: inside > 0 ? null : attribute,
  };
};
const USUAL = [row("diff"), row("files", 6000), row("requirements"), row("upstream_diff_abc")];

test("files, changes and git are told apart", () => {
  const values = [
    value("entrypoint", "src/b10.py"),
    value("git/commit", "abc"),
    value("git/dirty", true),
    value("git/remotes/fork", "https://host/x"),
    { ...value("x", "y"), path: "parameters/source_code/diff" },
  ];
  const source = sourceOf(values, USUAL, USUAL.length);
  expect(source?.diffs.map(({ name }) => name)).toEqual(["diff", "upstream_diff_abc"]);
  expect(source?.requirements?.path).toBe("source_code/requirements");
  expect(source).toMatchObject({ isDirty: true, remotes: [{ name: "fork", url: "https://host/x" }] });
  expect(source).toMatchObject({ filesBelow: "source_code/files" });
  expect(source?.git.get("commit")).toBe("abc");
  expect(source && entryPaths(source)).toEqual(["source_code/files/src/b10.py", "source_code/files/b10.py"]);
});

test("what stands beside the usual is in the tree, too", () => {
  const below = (rows: readonly TreeRow[], count = rows.length) => sourceOf([], rows, count)?.filesBelow;
  expect(below([...USUAL, row("notes")])).toBe("source_code");
  expect(below([...USUAL, row("more", 2)])).toBe("source_code");
  expect(below(USUAL, 500)).toBe("source_code");
  expect(below([row("diff")])).toBeNull();
  expect(isDiffPath("source_code/diffusion.py")).toBe(false);
  expect(sourceFile("source_code/files/a/b.py", FILE).name).toBe("a/b.py");
  expect(sourceFile("source_code/notes", FILE).name).toBe("notes");
});

test("a run without source code has none", () => {
  expect(sourceOf([{ ...value("x", "y"), path: "train/x" }], [], 0)).toBeNull();
});
