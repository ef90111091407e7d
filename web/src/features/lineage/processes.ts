/** How often a run went on after its end. */

import type { AttributeInfo } from "#api/types.ts";

/** The processes that wrote to the run, but for those that train beside the first one. */
export function sittings(attributes: readonly AttributeInfo[]): number {
  const processes = new Set<string>();
  const beside = new Set<string>();
  for (const { path, value } of attributes) {
    const [, namespace, leaf] = /^(monitoring\/.+)\/(pid|rank)$/.exec(path) ?? [];
    if (namespace === undefined) continue;
    if (leaf === "pid") processes.add(namespace);
    else if (typeof value === "number" && value > 0) beside.add(namespace);
  }
  return [...processes].filter((namespace) => !beside.has(namespace)).length;
}
