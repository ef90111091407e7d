/** What is worth telling of a run at a glance, from what its client and the server say of it. Pure. */

import { cellText } from "#api/cells.ts";
import type { AttributeInfo } from "#api/types.ts";

export interface Facts {
  readonly notes: string;
  readonly facts: readonly { readonly name: string; readonly text: string }[];
}

const SYSTEM = "sys/";
const GIT = "source_code/git/";
/** What the head of the page has, or the notes. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set([
  "creation_time",
  "description",
  "failed",
  "id",
  "name",
  "running_time",
  "state",
  "tags",
  "trashed",
]);
const SHORT_SHA = 10;

export function factsOf(system: readonly AttributeInfo[], source: readonly AttributeInfo[]): Facts {
  const named = new Map(system.map((attribute) => [attribute.path.slice(SYSTEM.length), attribute]));
  const description = named.get("description");
  const told = [...named].flatMap(([name, attribute]) => {
    // What stands deeper are receipts and reasons.
    if (name.includes("/") || TOLD_ELSEWHERE.has(name) || attribute.series || attribute.file) return [];
    return [{ name: name.replaceAll("_", " "), text: cellText(attribute) }];
  });
  const git = new Map(source.map((attribute) => [attribute.path, cellText(attribute)]));
  const commit = git.get(`${GIT}commit`);
  const dirty = git.get(`${GIT}dirty`) === "true" ? ", with changes that were not committed" : "";
  const code = [
    { name: "script", text: git.get("source_code/entrypoint") },
    { name: "branch", text: git.get(`${GIT}branch`) },
    { name: "commit", text: commit === undefined ? undefined : `${commit.slice(0, SHORT_SHA)}${dirty}` },
    { name: "message", text: git.get(`${GIT}message`) },
  ].flatMap(({ name, text }) => (text === undefined || text === "" ? [] : [{ name, text }]));
  return {
    notes: description === undefined ? "" : cellText(description),
    facts: [...told.filter(({ text }) => text !== ""), ...code],
  };
}
