/** Runs gathered by the value that they have of an attribute. Pure. */

import type { AttributeInfo } from "#api/types.ts";
import { cellNumber, cellText } from "./rows.ts";

export interface RunGroup {
  /** The value. */
  readonly name: string;
  readonly slot: number;
  readonly runIds: readonly string[];
}

/** What a group without a value is called. */
const NONE = "none";

const collator = new Intl.Collator("en", { numeric: true });

/** One group for each value that `runIds` have, in order of value; runs without one come last. */
export function groupsOf(runIds: readonly string[], values: ReadonlyMap<string, AttributeInfo>): readonly RunGroup[] {
  const groups = new Map<string, { number: number | null; runIds: string[] }>();
  for (const id of runIds) {
    const value = values.get(id);
    const text = value === undefined ? "" : cellText(value);
    const group = groups.get(text);
    if (group !== undefined) group.runIds.push(id);
    else groups.set(text, { number: value === undefined ? null : cellNumber(value), runIds: [id] });
  }
  return [...groups]
    .sort(([a, one], [b, other]) => {
      if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
      if (one.number !== null && other.number !== null) return one.number - other.number;
      return collator.compare(a, b);
    })
    .map(([text, group], slot) => ({
      name: text === "" ? NONE : text,
      slot,
      runIds: group.runIds,
    }));
}
