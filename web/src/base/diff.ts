/** Unified diffs, line by line. */

export type DiffKind = "added" | "removed" | "hunk" | "file" | "same";

export function diffKind(line: string): DiffKind {
  if (/^(diff |index |--- |\+\+\+ |new file|deleted file|rename |similarity )/.test(line)) return "file";
  if (line.startsWith("@@")) return "hunk";
  if (line.startsWith("+")) return "added";
  if (line.startsWith("-")) return "removed";
  return "same";
}

/** Whether `text` looks like a unified diff. */
export function isDiff(text: string): boolean {
  return /^(diff --git |--- .*\n\+\+\+ )/m.test(text.slice(0, 4000));
}
