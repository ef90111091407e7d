import { expect, test } from "vitest";
import { isDiff, parseDiff } from "./git-diff.ts";

const DIFF = `diff --git a/src/train.py b/src/train.py
index 1..2 100644
--- a/src/train.py
+++ b/src/train.py
@@ -3,3 +3,3 @@ def train():
 same
--- not a header
+added
 end
@@ -40 +40,2 @@
+first
 last
\\ No newline at end of file
diff --git a/old name.py b/new name.py
similarity index 100%
rename from old name.py
rename to new name.py
diff --git a/gone.txt b/gone.txt
deleted file mode 100644
--- a/gone.txt
+++ /dev/null
@@ -1 +0,0 @@
-bye
diff --git a/pic.png b/pic.png
new file mode 100644
Binary files /dev/null and b/pic.png differ
`;

test("files with their kind of change and its size", () => {
  expect(parseDiff(DIFF).map(({ path, from, status, added, removed }) => [path, from, status, added, removed])).toEqual(
    [
      ["src/train.py", null, "changed", 2, 1],
      ["new name.py", "old name.py", "renamed", 0, 0],
      ["gone.txt", null, "deleted", 0, 1],
      ["pic.png", null, "added", 0, 0],
    ],
  );
});

test("lines have the numbers of both sides, and what reads like a header is a line of its hunk", () => {
  const [file] = parseDiff(DIFF);
  expect(file?.lines.map(({ kind, before, after }) => [kind, before, after])).toEqual([
    ["hunk", null, null],
    ["same", 3, 3],
    ["removed", 4, null],
    ["added", null, 4],
    ["same", 5, 5],
    ["hunk", null, null],
    ["added", null, 40],
    ["same", 40, 41],
    ["note", null, null],
  ]);
  expect(file?.lines[2]?.text).toBe("-- not a header");
});

test("a diff without git's headers", () => {
  expect(parseDiff("--- a.txt\n+++ b.txt\n@@ -1 +1 @@\n-x\n+y\n")).toMatchObject([
    { path: "b.txt", added: 1, removed: 1 },
  ]);
  expect(parseDiff("")).toEqual([]);
});

test("a list with dashes is no diff", () => {
  expect(isDiff("- one\n- two\n--- \n")).toBe(false);
  expect(isDiff("--- a/x\n+++ b/x\n")).toBe(true);
});

test("names that git quotes are read, and a mode that changed is told", () => {
  const diff = [
    'diff --git "a/quo\\"te.py" "b/\\303\\274n\\303\\257\\t.py"',
    "similarity index 100%",
    'rename from "quo\\"te.py"',
    'rename to "\\303\\274n\\303\\257\\t.py"',
    "diff --git a/run.sh b/run.sh",
    "old mode 100644",
    "new mode 100755",
    "index de98044..7be73ce",
    "--- a/run.sh",
    "+++ b/run.sh",
    "@@ -1 +1 @@",
    "-x",
    "+y",
  ].join("\n");
  const [renamed, changed, ...others] = parseDiff(diff);
  expect(renamed).toMatchObject({ path: "ünï\t.py", from: 'quo"te.py', status: "renamed" });
  expect(changed).toMatchObject({ path: "run.sh", added: 1, removed: 1 });
  expect(changed?.lines.map(({ text }) => text).slice(0, 2)).toEqual(["Mode before: 100644", "Mode after: 100755"]);
  expect(others).toEqual([]);
});
