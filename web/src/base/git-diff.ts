/** What git says of changes, file by file. */

export interface DiffLine {
  readonly kind: "added" | "removed" | "same" | "hunk" | "note";
  readonly text: string;
  /** Its number before the change; null for what was added. */
  readonly before: number | null;
  /** Its number after the change; null for what was removed. */
  readonly after: number | null;
}

export interface DiffFile {
  /** Its path after the change, or before it if it was deleted. */
  readonly path: string;
  /** Where it came from, if it was renamed. */
  readonly from: string | null;
  readonly status: "changed" | "added" | "deleted" | "renamed";
  readonly added: number;
  readonly removed: number;
  readonly lines: readonly DiffLine[];
}

interface Draft {
  path: string;
  from: string | null;
  status: DiffFile["status"];
  added: number;
  removed: number;
  lines: DiffLine[];
}

/** The files of a unified diff, in its order. */
export function parseDiff(text: string): DiffFile[] {
  const files: Draft[] = [];
  let before = 0;
  let after = 0;
  // Lines that the hunk still has: a removed line that reads like a header is none.
  let leftBefore = 0;
  let leftAfter = 0;
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const file = files.at(-1);
    if (file !== undefined && (leftBefore > 0 || leftAfter > 0)) {
      if (line.startsWith("+")) {
        file.added += 1;
        file.lines.push({ kind: "added", text: line.slice(1), before: null, after });
        after += 1;
        leftAfter -= 1;
      } else if (line.startsWith("-")) {
        file.removed += 1;
        file.lines.push({ kind: "removed", text: line.slice(1), before, after: null });
        before += 1;
        leftBefore -= 1;
      } else if (line.startsWith("\\")) {
        file.lines.push({ kind: "note", text: line.slice(2), before: null, after: null });
      } else {
        file.lines.push({ kind: "same", text: line.slice(1), before, after });
        before += 1;
        after += 1;
        leftBefore -= 1;
        leftAfter -= 1;
      }
      continue;
    }
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (hunk !== null && file !== undefined) {
      before = Number(hunk[1]);
      after = Number(hunk[3]);
      leftBefore = Number(hunk[2] ?? 1);
      leftAfter = Number(hunk[4] ?? 1);
      file.lines.push({ kind: "hunk", text: line, before: null, after: null });
      continue;
    }
    readHeader(line, file, files);
  }
  return files;
}

/** Whether `text` looks like a unified diff. */
export function isDiff(text: string): boolean {
  return /^(diff --git |--- .*\n\+\+\+ )/m.test(text.slice(0, 4000));
}

function readHeader(line: string, file: Draft | undefined, files: Draft[]): void {
  const git = /^diff --git ("?)a\/(?:.+?)"? ("?)b\/(.+?)"?$/.exec(line);
  if (git !== null) {
    files.push({
      path: unquoted(git[3] ?? "", git[2] === '"'),
      from: null,
      status: "changed",
      added: 0,
      removed: 0,
      lines: [],
    });
    return;
  }
  const old = pathIn(/^--- ("?)(?:a\/)?(.+?)"?\t?$/.exec(line));
  if (old !== undefined) {
    // A diff that is not git's own has no other header.
    if (file === undefined || file.lines.some(({ kind }) => kind === "hunk")) {
      files.push({
        path: old,
        from: null,
        status: old === "/dev/null" ? "added" : "changed",
        added: 0,
        removed: 0,
        lines: [],
      });
    } else if (old === "/dev/null") file.status = "added";
    return;
  }
  if (file === undefined) return;
  const now = pathIn(/^\+\+\+ ("?)(?:b\/)?(.+?)"?\t?$/.exec(line));
  const renamed = /^rename (from|to) ("?)(.+?)"?$/.exec(line);
  const mode = /^(?:old|new) mode (\d+)$/.exec(line)?.[1];
  if (now === "/dev/null") file.status = "deleted";
  else if (now !== undefined) file.path = now;
  else if (line.startsWith("new file")) file.status = "added";
  else if (line.startsWith("deleted file")) file.status = "deleted";
  else if (renamed !== null) {
    const path = unquoted(renamed[3] ?? "", renamed[2] === '"');
    if (renamed[1] === "to") file.path = path;
    else Object.assign(file, { status: "renamed", from: path });
  } else if (mode !== undefined) {
    const text = line.startsWith("old") ? `Mode before: ${mode}` : `Mode after: ${mode}`;
    file.lines.push({ kind: "note", text, before: null, after: null });
  } else if (/^(Binary files|GIT binary patch)/.test(line)) {
    file.lines.push({ kind: "note", text: "A binary file", before: null, after: null });
  } else if (line.startsWith("\\")) {
    file.lines.push({ kind: "note", text: line.slice(2), before: null, after: null });
  }
}

function pathIn(match: RegExpExecArray | null): string | undefined {
  return match === null ? undefined : unquoted(match[2] ?? "", match[1] === '"');
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\u0007", b: "\b", f: "\f", v: "\v" };

/** A name as git quotes it has backslashes, and bytes beyond ASCII as octal numbers. */
function unquoted(name: string, isQuoted: boolean): string {
  if (!isQuoted) return name;
  const parts = name.match(/\\[0-7]{3}|\\.|[^\\]+/g) ?? [];
  const coder = new TextEncoder();
  const bytes = parts.flatMap((part): number[] => {
    if (/^\\[0-7]{3}$/.test(part)) return [Number.parseInt(part.slice(1), 8)];
    const letter = part.slice(1);
    return [...coder.encode(part.startsWith("\\") ? (ESCAPES[letter] ?? letter) : part)];
  });
  return new TextDecoder().decode(new Uint8Array(bytes));
}
