/** What names the compared runs: key and name, or the attributes that one has chosen. Pure. */

import { cellText } from "#api/cells.ts";
import type { ValuesAt } from "#api/comparison.ts";
import type { Run } from "#api/types.ts";
import { leafOf } from "#base/path.ts";

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
