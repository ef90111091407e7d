/** What a run says of its source code, from the values below `source_code/` and what stands directly there. */

import { SOURCE, SOURCE_FILES } from "#api/source.ts";
import type { AttributeInfo, File, TreeRow } from "#api/types.ts";

export interface SourceFile {
  readonly path: string;
  /** Without the folder that all of them share. */
  readonly name: string;
  readonly file: File;
}

export interface Source {
  readonly entrypoint: string | null;
  /** Of git, by its last segment: commit, branch, author… */
  readonly git: ReadonlyMap<string, string>;
  readonly isDirty: boolean;
  readonly remotes: readonly { readonly name: string; readonly url: string }[];
  /** Uncommitted changes first, then what the upstream branch does not have. */
  readonly diffs: readonly SourceFile[];
  readonly requirements: SourceFile | null;
  /** The folder below which all other files are; null if there are none. */
  readonly filesBelow: string | null;
}

const ROOT = `${SOURCE}/`;
const REQUIREMENTS = `${ROOT}requirements`;
const GIT = `${ROOT}git/`;
const REMOTES = `${GIT}remotes/`;

/** From the values below `source_code/` and the first of `count` rows that stand there; null if there is nothing. */
export function sourceOf(values: readonly AttributeInfo[], rows: readonly TreeRow[], count: number): Source | null {
  const own = values.filter(({ path }) => path.startsWith(ROOT));
  if (own.length === 0 && count === 0) return null;
  const git = new Map<string, string>();
  const remotes: { name: string; url: string }[] = [];
  let entrypoint: string | null = null;
  for (const { path, value } of own) {
    if (path.startsWith(REMOTES)) remotes.push({ name: path.slice(REMOTES.length), url: String(value) });
    else if (path.startsWith(GIT)) git.set(path.slice(GIT.length), String(value));
    else if (path === `${ROOT}entrypoint`) entrypoint = String(value);
  }
  const remote = git.get("remote");
  if (remotes.length === 0 && remote !== undefined) remotes.push({ name: "origin", url: remote });
  const top = rows.flatMap(({ attribute }) =>
    attribute?.file == null ? [] : [sourceFile(attribute.path, attribute.file)],
  );
  const diffs = top.filter(({ path }) => isDiffPath(path)).sort((a, b) => a.path.length - b.path.length);
  const requirements = top.find(({ path }) => path === REQUIREMENTS) ?? null;
  const isUsual = rows.length === count && rows.every(isUsualRow);
  const filesBelow = !isUsual ? SOURCE : rows.some(({ path }) => path === SOURCE_FILES) ? SOURCE_FILES : null;
  return { entrypoint, git, isDirty: git.get("dirty") === "true", remotes, diffs, requirements, filesBelow };
}

/** Whether it is a row of what our client stores there. */
function isUsualRow({ path, expandable, attribute }: TreeRow): boolean {
  if (path === SOURCE_FILES) return attribute === null;
  return !expandable && (path === REQUIREMENTS || isDiffPath(path));
}

export function sourceFile(path: string, file: File): SourceFile {
  const folder = path.startsWith(`${SOURCE_FILES}/`) ? `${SOURCE_FILES}/` : ROOT;
  return { path, name: path.startsWith(folder) ? path.slice(folder.length) : path, file };
}

/** Whether it is a file of changes. */
export function isDiffPath(path: string): boolean {
  return /^source_code\/(diff|upstream_diff_[^/]*)$/.test(path);
}

/** Where the entry point may be among the files. */
export function entryPaths({ entrypoint }: Source): readonly string[] {
  if (entrypoint === null) return [];
  const names = new Set([entrypoint, entrypoint.split("/").at(-1) ?? ""]);
  return [...names].filter((name) => name !== "").map((name) => `${SOURCE_FILES}/${name.replace(/^\/+/, "")}`);
}
