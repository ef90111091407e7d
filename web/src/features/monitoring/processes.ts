/** Which processes wrote to a run, from the attributes below `monitoring/`. */

import type { AttributeInfo } from "#api/types.ts";
import { leafOf, namespaceOf } from "#base/path.ts";

export interface Process {
  readonly namespace: string;
  readonly host: string | null;
  readonly pid: string | null;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
}

const ROOT = "monitoring/";

export function processesOf(attributes: readonly AttributeInfo[]): Process[] {
  const values = new Map<string, { name: string; value: string }[]>();
  for (const { path, value } of attributes) {
    if (!path.startsWith(ROOT)) continue;
    const namespace = namespaceOf(path);
    const facts = values.get(namespace) ?? [];
    values.set(namespace, facts);
    if (value === null || value === undefined || Array.isArray(value)) continue;
    facts.push({ name: leafOf(path).replaceAll("_", " "), value: String(value) });
  }
  return [...values].map(([namespace, facts]) => ({
    namespace,
    host: facts.find(({ name }) => name === "hostname")?.value ?? null,
    pid: facts.find(({ name }) => name === "pid")?.value ?? null,
    facts,
  }));
}
