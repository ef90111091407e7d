/** What is offered while one types a path, or what stands for a series: `min(loss)`, `accuracy@min(loss)`. */

import { useColumns } from "#api/queries.ts";
import { useValues } from "#api/run-groups.ts";
import { AGGREGATES, BEST } from "#base/query-completion.ts";
import { soughtPath } from "#base/query-rows.ts";

/** What `typed` may become; `own` are paths that no list of attributes names. */
export function useOperands(project: string, typed: string, own: readonly string[]): readonly string[] {
  const { sought, whole } = soughtPath(typed);
  const { data } = useColumns(project, sought, true);
  const found = data?.columns ?? [];
  const isFloats = ({ kind }: { readonly kind: string }) => kind === "float_series";
  if (sought !== typed) return found.filter(isFloats).map(({ path }) => whole(path));
  // Only of a series that is named does it make sense to say which number is meant.
  const isSeries = found.some((column) => column.path === typed && isFloats(column));
  const named = isSeries ? [...AGGREGATES.map((one) => `${one}(${typed})`), ...BEST.map((best) => typed + best)] : [];
  return [...new Set([...own, ...found.map(({ path }) => path), ...named])];
}

/** Strings that runs have at `path`, to choose from; none if they have others there, such as numbers. */
export function useTexts(project: string, path: string, enabled = true): readonly string[] {
  const { data } = useColumns(project, path, enabled && path !== "");
  const isText = (data?.columns ?? []).some(
    (column) => column.path === path && (column.kind === "string" || column.kind === "string_set"),
  );
  return useValues(project, path, enabled && (isText || path === "sys/tags") && path !== "sys/state");
}
