import { expect, test } from "vitest";
import { diffOfTexts } from "./line-diff.ts";

const SIGNS = { added: "+", removed: "-", same: " ", hunk: "@", note: "!" } as const;

function shown(before: string, after: string): string[] {
  return diffOfTexts("x", before, after).lines.map(({ kind, text }) => `${SIGNS[kind]}${text}`);
}

test("a changed line is one that is gone and one that is new, with those around it", () => {
  expect(shown("a\nb\nc\n", "a\nB\nc\n")).toEqual([" a", "-b", "+B", " c"]);
  expect(shown("", "a\nb")).toEqual(["+a", "+b"]);
  expect(shown("a\r\nb", "a\nb\n")).toEqual([]);
});

test("as few lines as can be are changed", () => {
  expect(shown("a\nb\nc\na\nb\nb\na", "c\nb\na\nb\na\nc").filter((line) => line[0] !== " ")).toHaveLength(5);
  expect(shown("1\n2\n3\n4", "0\n1\n3\n4\n5")).toEqual(["+0", " 1", "-2", " 3", " 4", "+5"]);
});

test("what did not change is left out, and lines keep their numbers", () => {
  const before = Array.from({ length: 40 }, (_, at) => `line ${at + 1}`);
  const after = before.toSpliced(19, 1, "other").concat("end");
  const { lines, added, removed } = diffOfTexts("x", before.join("\n"), after.join("\n"));
  expect([added, removed]).toEqual([2, 1]);
  expect(lines.filter(({ kind }) => kind === "hunk").map(({ text }) => text)).toEqual(["line 17", "line 38"]);
  expect(lines.find(({ text }) => text === "line 20")).toMatchObject({ kind: "removed", before: 20, after: null });
  expect(lines.find(({ text }) => text === "end")).toMatchObject({ kind: "added", before: null, after: 41 });
});

test("any two texts can be told from their diff", () => {
  let seed = 7;
  const chance = (most: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % most;
  };
  for (let round = 0; round < 300; round += 1) {
    const text = () => Array.from({ length: chance(9) }, () => "abc"[chance(3)] ?? "a");
    const before = text();
    const after = text();
    const { lines } = diffOfTexts("x", before.join("\n"), after.join("\n"));
    const all = lines.filter(({ kind }) => kind !== "hunk");
    if (before.join() === after.join()) {
      expect(all).toEqual([]);
      continue;
    }
    for (const [side, sign, number] of [
      [before, "removed", "before"],
      [after, "added", "after"],
    ] as const) {
      for (const line of all) {
        if (line.kind === sign || line.kind === "same") expect(side[(line[number] ?? 0) - 1]).toBe(line.text);
      }
      expect(side.length - all.filter(({ kind }) => kind === sign).length).toBe(
        (side === before ? after.length : before.length) -
          all.filter(({ kind }) => kind === (sign === "added" ? "removed" : "added")).length,
      );
    }
  }
});

test("texts that have nothing in common count as replaced", () => {
  const lines = (letter: string) => Array.from({ length: 2000 }, (_, at) => `${letter}${at}`).join("\n");
  const { added, removed } = diffOfTexts("x", lines("a"), lines("b"));
  expect([added, removed]).toEqual([2000, 2000]);
});
