/** How the texts that two runs have are called and read. Pure. */

import type { AttributeInfo, File, TextPair, ValuePairList } from "#api/types.ts";
import type { DiffFile, DiffLine } from "#base/git-diff.ts";
import { formatMoment } from "#base/time.ts";

/** The name of the text that is each value that the script has set, a line each. */
export const CONFIGURATION = "configuration";

const TITLES: Readonly<Record<string, string>> = {
  [CONFIGURATION]: "Configuration",
  stdout: "Console: standard output",
  stderr: "Console: standard error",
  traceback: "Traceback",
  "source_code/diff": "Git: changes that were not committed",
  "source_code/requirements": "Requirements",
};

export function titleOf(name: string): string {
  return TITLES[name] ?? name.replace(/^source_code\/files\//, "");
}

/** Where the text of one run comes from; null if the run has none. */
export type TextSource =
  | { readonly kind: "file"; readonly path: string; readonly file: File }
  | { readonly kind: "lines"; readonly path: string };

/** Of a file or an output. */
export function sourceOf(place: TextPair["before"]): TextSource | null {
  if (place === null || place === undefined) return null;
  const { path, file } = place;
  return file === null || file === undefined ? { kind: "lines", path } : { kind: "file", path, file };
}

/** The values in which two runs differ, as the lines of a change; the counts are of all, the lines of those that are here. */
export function differingValues(
  pairs: ValuePairList["pairs"],
  counts: { readonly before_count: number; readonly after_count: number },
): DiffFile {
  const lines = pairs.flatMap(({ before, after }): DiffLine[] => [
    ...lineOf("removed", before),
    ...lineOf("added", after),
  ]);
  return {
    path: titleOf(CONFIGURATION),
    from: null,
    status: "changed",
    added: counts.after_count,
    removed: counts.before_count,
    lines,
  };
}

function lineOf(kind: "removed" | "added", attribute: AttributeInfo | null | undefined): DiffLine[] {
  if (attribute === null || attribute === undefined) return [];
  return [{ kind, text: `${attribute.path}: ${valueText(attribute)}`, before: null, after: null }];
}

function valueText({ kind, value }: AttributeInfo): string {
  if (Array.isArray(value)) return `{${value.join(", ")}}`;
  if (kind === "datetime") return formatMoment(Date.parse(String(value)));
  return kind === "string" ? JSON.stringify(value) : String(value);
}
