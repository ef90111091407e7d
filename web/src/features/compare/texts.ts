/** What of two runs is compared as text: values as lines, text files, the console. Pure. */

import type { AttributeInfo, File } from "#api/types.ts";
import { previewKind } from "#base/preview-kind.ts";
import { formatMoment } from "#base/time.ts";

/** Where the text of one run comes from; null if the run has none. */
export type TextSource =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly path: string; readonly file: File }
  | { readonly kind: "lines"; readonly path: string };

export interface PairedText {
  /** Stands in the address. */
  readonly name: string;
  readonly title: string;
  readonly before: TextSource | null;
  readonly after: TextSource | null;
  /** Null where only a look at the texts can tell. */
  readonly differs: boolean | null;
}

export const CONFIGURATION = "configuration";

const SAID_BY_ITSELF = /^(sys|monitoring|source_code)\//;
const OUTPUT = /^monitoring\/.+\/(stdout|stderr|traceback)$/;
const OUTPUT_TITLES: Readonly<Record<string, string>> = {
  stdout: "Console: standard output",
  stderr: "Console: standard error",
  traceback: "Traceback",
};
const TITLES: Readonly<Record<string, string>> = {
  "source_code/diff": "Git: changes that were not committed",
  "source_code/requirements": "Requirements",
};

/** The texts that at least one of the two has: the configuration, the console, then files by path. */
export function pairTexts(before: readonly AttributeInfo[], after: readonly AttributeInfo[]): PairedText[] {
  const pairs = [pairOf(CONFIGURATION, "Configuration", configuration(before), configuration(after))];
  const outputs = [outputsOf(before), outputsOf(after)] as const;
  for (const [name, title] of Object.entries(OUTPUT_TITLES)) {
    pairs.push(pairOf(name, title, outputs[0].get(name) ?? null, outputs[1].get(name) ?? null));
  }
  const files = [filesOf(before), filesOf(after)] as const;
  for (const path of [...new Set([...files[0].keys(), ...files[1].keys()])].sort()) {
    const title = TITLES[path] ?? path.replace(/^source_code\/files\//, "");
    pairs.push(pairOf(path, title, files[0].get(path) ?? null, files[1].get(path) ?? null));
  }
  return pairs.filter((pair) => pair.before !== null || pair.after !== null);
}

function pairOf(name: string, title: string, before: TextSource | null, after: TextSource | null): PairedText {
  return { name, title, before, after, differs: differs(before, after) };
}

function differs(before: TextSource | null, after: TextSource | null): boolean | null {
  if (before === null || after === null) return true;
  if (before.kind === "text" && after.kind === "text") return before.text !== after.text;
  if (before.kind === "file" && after.kind === "file") return before.file.sha256 !== after.file.sha256;
  return null;
}

/** Each value that the script has set, a line each, in order of path. */
function configuration(attributes: readonly AttributeInfo[]): TextSource | null {
  const lines = attributes.flatMap((each) =>
    each.value === null || each.value === undefined || SAID_BY_ITSELF.test(each.path)
      ? []
      : [`${each.path}: ${valueText(each)}`],
  );
  return lines.length === 0 ? null : { kind: "text", text: lines.join("\n") };
}

function valueText({ kind, value }: AttributeInfo): string {
  if (Array.isArray(value)) return `{${value.join(", ")}}`;
  if (kind === "datetime") return formatMoment(Date.parse(String(value)));
  return kind === "string" ? JSON.stringify(value) : String(value);
}

/** The console of the first process of a run: names of processes differ from run to run. */
function outputsOf(attributes: readonly AttributeInfo[]): ReadonlyMap<string, TextSource> {
  const found = new Map<string, TextSource>();
  for (const { path, kind } of attributes) {
    const name = kind === "string_series" ? OUTPUT.exec(path)?.[1] : undefined;
    if (name !== undefined && !found.has(name)) found.set(name, { kind: "lines", path });
  }
  return found;
}

const READABLE: readonly string[] = ["text", "json", "diff", "table"];

function filesOf(attributes: readonly AttributeInfo[]): ReadonlyMap<string, TextSource> {
  return new Map(
    attributes.flatMap(({ path, file }) =>
      file != null && READABLE.includes(previewKind(path, file.filename, file.media_type))
        ? [[path, { kind: "file", path, file }] as const]
        : [],
    ),
  );
}
