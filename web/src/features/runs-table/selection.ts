/** Which runs are selected: those that the address names, or all that match. */

import type { RunsQuery } from "#api/run-pages.ts";
import type { RunRow } from "#api/types.ts";
import { NOTES_PATH } from "./column-spec.ts";
import { exportedRows } from "./export-rows.ts";

/** An address has room for so many ids. */
const MOST_SELECTED = 1000;

/** What the address says of it. */
export interface SelectionView {
  readonly runs?: readonly string[] | undefined;
  readonly hidden?: readonly string[] | undefined;
  readonly all?: boolean | undefined;
}

export interface Selection {
  /** Of all that match: those of them that are loaded. */
  readonly selected: ReadonlySet<string>;
  /** Selected runs that charts leave out. */
  readonly hidden: ReadonlySet<string>;
  readonly isAll: boolean;
  /** Whether all that are loaded are selected. */
  readonly isEach: boolean;
  readonly select: (ids: ReadonlySet<string>) => void;
  readonly selectAll: () => void;
  readonly hide: (id: string, away: boolean) => void;
}

export function selectionOf(
  view: SelectionView,
  rows: readonly RunRow[],
  onView: (patch: SelectionView) => void,
): Selection {
  const isAll = view.all === true;
  const selected = new Set(isAll ? rows.map(({ run }) => run.id) : (view.runs ?? []));
  const hidden = new Set((view.hidden ?? []).filter((id) => selected.has(id)));
  return {
    selected,
    hidden,
    isAll,
    isEach: rows.length > 0 && rows.every(({ run }) => selected.has(run.id)),
    select: (ids) =>
      onView({
        runs: listed([...ids].slice(0, MOST_SELECTED)),
        hidden: listed([...hidden].filter((id) => ids.has(id))),
        all: undefined,
      }),
    selectAll: () => onView({ runs: undefined, hidden: undefined, all: true }),
    hide: (id, away) => onView({ hidden: listed(away ? [...hidden, id] : [...hidden].filter((held) => held !== id)) }),
  };
}

/** The ids of all runs that `query` matches now. */
export async function idsOf(project: string, query: RunsQuery, signal: AbortSignal): Promise<string[]> {
  // No path at all would leave the choice of columns to the server.
  const bare = { ...query, columns: [NOTES_PATH], picks: [] };
  const found: string[] = [];
  for await (const rows of exportedRows({ project, query: bare, columns: [], onProgress: () => undefined, signal })) {
    found.push(...rows.map(({ run }) => run.id));
  }
  return found;
}

/** An address leaves out what is empty. */
export function listed(ids: readonly string[]): readonly string[] | undefined {
  return ids.length === 0 ? undefined : ids;
}
