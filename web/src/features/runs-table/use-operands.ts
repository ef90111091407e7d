/** What is offered while one types a path, or what stands for a series: `min(loss)`, `accuracy@min(loss)`. */

import { useColumns } from "#api/queries.ts";
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
  return [...own, ...found.map(({ path }) => path), ...named];
}
