/** Which processes wrote to a run, from the attributes below `monitoring/`. */

import type { AttributeInfo } from "#api/types.ts";
import { comparePaths, leafOf, namespaceOf } from "#base/path.ts";
import { withUnit } from "./units.ts";

export interface Process {
  readonly namespace: string;
  readonly host: string | null;
  readonly pid: string | null;
  /** Its number among those that train together. */
  readonly rank: number | null;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
}

const ROOT = "monitoring/";
/** What says of a namespace that it is that of a process, and not a part of one. */
const MARKS: ReadonlySet<string> = new Set(["hostname", "pid"]);

/** The processes in the order of their ranks, then of their namespaces. */
export function processesOf(attributes: readonly AttributeInfo[]): Process[] {
  const below = attributes.filter(({ path }) => path.startsWith(ROOT));
  const marked = new Set(below.filter(({ path }) => MARKS.has(leafOf(path))).map(({ path }) => namespaceOf(path)));
  const facts = new Map<string, { name: string; value: string }[]>();
  const ranks = new Map<string, number>();
  for (const { path, value } of below) {
    const own = namespaceOf(path);
    const namespace = marked.has(own) ? own : enclosing(own, marked);
    const found = facts.get(namespace) ?? [];
    facts.set(namespace, found);
    if (own !== namespace || value === null || value === undefined || Array.isArray(value)) continue;
    const leaf = leafOf(path);
    if (leaf === "rank" && typeof value === "number") ranks.set(namespace, value);
    found.push({ name: leaf.replaceAll("_", " "), value: withUnit(value, leaf) });
  }
  return [...facts]
    .map(([namespace, found]) => ({
      namespace,
      host: found.find(({ name }) => name === "hostname")?.value ?? null,
      pid: found.find(({ name }) => name === "pid")?.value ?? null,
      rank: ranks.get(namespace) ?? null,
      facts: found,
    }))
    .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0) || comparePaths(a.namespace, b.namespace));
}

/** What a person calls a process. */
export function titleOf({ namespace, host, pid, rank }: Process): string {
  const parts = [
    ...(rank === null ? [] : [`rank ${rank}`]),
    ...(host === null ? [] : [host]),
    ...(host === null || pid === null ? [] : [`process ${pid}`]),
  ];
  return parts.length === 0 ? namespace.slice(ROOT.length) : parts.join(" · ");
}

/** What a section of series is called: its process, and the part of it. */
export function sectionTitle(namespace: string, processes: readonly Process[]): string {
  const process = processes.find((one) => namespace === one.namespace || namespace.startsWith(`${one.namespace}/`));
  if (process === undefined) return namespace.replace(ROOT, "");
  const rest = namespace.slice(process.namespace.length + 1);
  const part = { process: "this process and its children", cores: "each core" }[rest] ?? rest;
  return rest === "" ? titleOf(process) : `${titleOf(process)} · ${part}`;
}

/** The nearest namespace around `own` that is marked; without one, the first two segments. */
function enclosing(own: string, marked: ReadonlySet<string>): string {
  for (let at = own; at !== ""; at = namespaceOf(at)) if (marked.has(at)) return at;
  return own.split("/").slice(0, 2).join("/");
}
