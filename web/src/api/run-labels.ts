/** What names runs in lists and charts: key and name, or the attributes that one has chosen. */

import { leafOf } from "#base/path.ts";
import { cellText } from "./cells.ts";
import type { ValuesAt } from "./comparison.ts";
import { useColumns } from "./queries.ts";
import type { Run } from "./types.ts";

const NAMELESS: readonly string[] = ["file", "file_series", "string_series", "histogram_series"];

/** Attributes that can name the runs of `project`, of those that hold `search`. */
export function useNamePaths(project: string, search: string): readonly string[] {
  const { data } = useColumns(project, search, true);
  const found = (data?.columns ?? []).filter(({ kind }) => !NAMELESS.includes(kind)).map(({ path }) => path);
  return [...new Set(found)];
}

/** Paths whose values are names by themselves. */
const NAMES: readonly string[] = ["sys/name", "sys/id", "sys/tags"];

/**
 * The name of each run, by run id. With `paths`, what the run has there: `learning_rate 0.1, seed 2`; its key stands
 * before it where two runs would have one name, and alone where the run has nothing.
 */
export function labelsOf(
  runs: readonly Run[],
  paths: readonly string[],
  values: ValuesAt,
): ReadonlyMap<string, string> {
  const said = new Map(runs.map((run) => [run.id, chosenLabel(run, paths, values)]));
  const times = new Map<string, number>();
  for (const label of said.values()) times.set(label, (times.get(label) ?? 0) + 1);
  return new Map(
    runs.map((run) => {
      const label = said.get(run.id) ?? "";
      if (label === "") return [run.id, paths.length === 0 && run.name !== "" ? `${run.key} ${run.name}` : run.key];
      return [run.id, (times.get(label) ?? 0) > 1 ? `${run.key} ${label}` : label];
    }),
  );
}

function chosenLabel(run: Run, paths: readonly string[], values: ValuesAt): string {
  return paths
    .flatMap((path) => {
      const cell = values.get(path)?.get(run.id);
      const text = cell === undefined ? "" : cellText(cell);
      if (text === "") return [];
      return [NAMES.includes(path) ? text : `${leafOf(path)} ${text}`];
    })
    .join(", ");
}
