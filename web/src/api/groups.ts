/** Runs gathered by the value that they have of an attribute. */

import { useMemo } from "react";
import { cellNumber, cellText } from "./cells.ts";
import { useValues } from "./comparison.ts";
import { useColumns } from "./queries.ts";
import type { AttributeInfo, Run } from "./types.ts";

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

const NO_VALUES = new Map<string, never>();

/** The groups of `runs` by what they have at `path`; null while that is not known, and for an empty `path`. */
export function useGroups(project: string, runs: readonly Run[], path: string) {
  const { data, error } = useValues(project, runs, path);
  const isPending = path !== "" && data === undefined && error === null;
  const groups = useMemo(() => {
    if (path === "" || isPending) return null;
    return groupsOf(
      runs.map(({ id }) => id),
      data ?? NO_VALUES,
    );
  }, [path, isPending, runs, data]);
  return { groups, isPending };
}

/** Paths that runs can be grouped by, those that match `search`. */
export function useGroupPaths(project: string, search: string): readonly string[] {
  const { data } = useColumns(project, search, true);
  return (data?.columns ?? []).filter(({ kind }) => !kind.endsWith("_series")).map(({ path }) => path);
}
