/** What a run says of its source code, from the attributes below `source_code/`. */

import type { AttributeInfo, File } from "#api/types.ts";
import { comparePaths } from "#base/path.ts";

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
  readonly files: readonly SourceFile[];
  readonly requirements: SourceFile | null;
}

const ROOT = "source_code/";
const FILES = `${ROOT}files/`;
const GIT = `${ROOT}git/`;
const REMOTES = `${GIT}remotes/`;

/** Null if the run says nothing of it. */
export function sourceOf(attributes: readonly AttributeInfo[]): Source | null {
  const own = attributes.filter(({ path }) => path.startsWith(ROOT));
  if (own.length === 0) return null;
  const git = new Map<string, string>();
  const remotes: { name: string; url: string }[] = [];
  const files: SourceFile[] = [];
  const diffs: SourceFile[] = [];
  let entrypoint: string | null = null;
  let requirements: SourceFile | null = null;
  for (const { path, value, file } of own) {
    if (file) {
      const name = path.slice(path.startsWith(FILES) ? FILES.length : ROOT.length);
      const one = { path, name, file };
      if (path.startsWith(FILES)) files.push(one);
      else if (/^source_code\/(upstream_)?diff/.test(path)) diffs.push(one);
      else if (path === `${ROOT}requirements`) requirements = one;
      else files.push(one);
    } else if (path.startsWith(REMOTES)) remotes.push({ name: path.slice(REMOTES.length), url: String(value) });
    else if (path.startsWith(GIT)) git.set(path.slice(GIT.length), String(value));
    else if (path === `${ROOT}entrypoint`) entrypoint = String(value);
  }
  const remote = git.get("remote");
  if (remotes.length === 0 && remote !== undefined) remotes.push({ name: "origin", url: remote });
  files.sort((a, b) => comparePaths(a.name, b.name));
  diffs.sort((a, b) => a.path.length - b.path.length);
  return { entrypoint, git, isDirty: git.get("dirty") === "true", remotes, diffs, files, requirements };
}

/** What is shown first: the changes, else the entry point, else the first file. */
export function firstShown({ diffs, files, entrypoint, requirements }: Source): SourceFile | null {
  const entry = files.find(({ name }) => name === entrypoint || name === entrypoint?.split("/").at(-1));
  return entry ?? files[0] ?? diffs[0] ?? requirements;
}
