/**
 * What of a text changed from one version to another, line by line, as few lines as can be. Pure.
 *
 * The shortest edit is found greedily, diagonal by diagonal (Myers). Texts that share too little for that to be quick
 * count as replaced where they differ.
 */

import type { DiffFile, DiffLine } from "./git-diff.ts";

/** Lines that differ, up to which the shortest edit is looked for. */
const MOST_EDITS = 600;
/** Lines around a change that are shown too. */
const AROUND = 3;

/** The lines of `path` that changed, with a few around them. */
export function diffOfTexts(path: string, before: string, after: string): DiffFile {
  const lines = alignedLines(linesOf(before), linesOf(after));
  const added = lines.filter(({ kind }) => kind === "added").length;
  const removed = lines.filter(({ kind }) => kind === "removed").length;
  return { path, from: null, status: "changed", added, removed, lines: hunksOf(lines) };
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
}

function alignedLines(old: readonly string[], now: readonly string[]): DiffLine[] {
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  ) {
    tail += 1;
  }
  const kinds = editsOf(old.slice(head, old.length - tail), now.slice(head, now.length - tail));
  const all = [...Array<Edit>(head).fill("same"), ...kinds, ...Array<Edit>(tail).fill("same")];
  let before = 0;
  let after = 0;
  return all.map((kind): DiffLine => {
    if (kind === "removed") {
      before += 1;
      return { kind, text: old[before - 1] ?? "", before, after: null };
    }
    after += 1;
    if (kind === "added") return { kind, text: now[after - 1] ?? "", before: null, after };
    before += 1;
    return { kind, text: now[after - 1] ?? "", before, after };
  });
}

type Edit = "added" | "removed" | "same";

/** The edits from `old` to `now`, in order. */
function editsOf(old: readonly string[], now: readonly string[]): Edit[] {
  const reached = furthest(old, now);
  if (reached === null) return [...old.map((): Edit => "removed"), ...now.map((): Edit => "added")];
  const edits: Edit[] = [];
  let x = old.length;
  let y = now.length;
  for (let depth = reached.length - 1; depth >= 0 && (x > 0 || y > 0); depth -= 1) {
    // How far each diagonal came with one edit less.
    const before = depth === 0 ? null : reached[depth - 1];
    const diagonal = x - y;
    const at = (wanted: number) => before?.get(wanted) ?? -1;
    const isDown = diagonal === -depth || (diagonal !== depth && at(diagonal - 1) < at(diagonal + 1));
    const from = isDown ? diagonal + 1 : diagonal - 1;
    const startX = before === null ? 0 : at(from);
    const startY = before === null ? 0 : startX - from;
    while (x > startX && y > startY && x > 0 && y > 0 && !(before !== null && (x === startX || y === startY))) {
      if (old[x - 1] !== now[y - 1]) break;
      edits.push("same");
      x -= 1;
      y -= 1;
    }
    if (before === null) break;
    edits.push(isDown ? "added" : "removed");
    if (isDown) y -= 1;
    else x -= 1;
  }
  return edits.reverse();
}

/** For each number of edits, how far into `old` each diagonal comes; null if there are too many edits. */
function furthest(old: readonly string[], now: readonly string[]): Map<number, number>[] | null {
  const all: Map<number, number>[] = [];
  for (let depth = 0; depth <= Math.min(MOST_EDITS, old.length + now.length); depth += 1) {
    const before = all[depth - 1];
    const reached = new Map<number, number>();
    all.push(reached);
    for (let diagonal = -depth; diagonal <= depth; diagonal += 2) {
      let x = 0;
      if (before !== undefined) {
        const below = before.get(diagonal + 1) ?? -1;
        const left = before.get(diagonal - 1) ?? -1;
        x = diagonal === -depth || (diagonal !== depth && left < below) ? below : left + 1;
      }
      while (x < old.length && x - diagonal < now.length && old[x] === now[x - diagonal]) x += 1;
      reached.set(diagonal, x);
      if (x >= old.length && x - diagonal >= now.length) return all;
    }
  }
  return null;
}

/** Changed lines with some around them; what lies between is a line that says where it goes on. */
function hunksOf(lines: readonly DiffLine[]): DiffLine[] {
  const isShown = new Uint8Array(lines.length);
  lines.forEach(({ kind }, at) => {
    if (kind !== "same") isShown.fill(1, Math.max(0, at - AROUND), at + AROUND + 1);
  });
  return lines.flatMap((line, at) => {
    if (isShown[at] === 0) return [];
    if (at === 0 || isShown[at - 1] === 1) return [line];
    const where = `line ${line.after ?? line.before ?? 0}`;
    return [{ kind: "hunk", text: where, before: null, after: null } as const, line];
  });
}
