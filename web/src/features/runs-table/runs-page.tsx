/** The runs of a project: filter, sort, choose columns, select, edit, open one. Live. */

import { Button } from "@mantine/core";
import { lazy, type RefObject, Suspense, useEffect, useRef } from "react";
import { ApiError } from "#api/request.ts";
import { useRunPages } from "#api/run-pages.ts";
import type { RunPage, RunRow } from "#api/types.ts";
import { formatCount } from "#base/numbers.ts";
import { ErrorState } from "#widgets/empty-state.tsx";
import { isNumeric } from "./cells.ts";
import { ColumnPicker } from "./column-picker.tsx";
import { askedPaths, askedPicks, formatColumn, tableColumns } from "./column-spec.ts";
import { MOST_FIRST } from "./group-keys.ts";
import { QueryBox } from "./query-box.tsx";
import { QueryBuilder } from "./query-builder.tsx";
import styles from "./runs-page.module.css";
import { RunsTable } from "./runs-table.tsx";
import { idsOf, listed, type SelectionView, selectionOf } from "./selection.ts";
import { SelectionBar } from "./selection-bar.tsx";
import { TableMenu } from "./table-menu.tsx";

// Not part of what a table of runs waits for.
const GroupsTable = lazy(() => import("./groups-table.tsx").then((m) => ({ default: m.GroupsTable })));
const NoRuns = lazy(() => import("./no-runs.tsx").then((m) => ({ default: m.NoRuns })));

/** What the address says. */
export interface RunsView {
  readonly search?: string | undefined;
  /** The key that counts most first; a `-` in front puts the largest first. */
  readonly sort?: readonly string[] | undefined;
  readonly columns?: readonly string[] | undefined;
  /** Paths, or what stands for series, that the runs are grouped by. */
  readonly group?: readonly string[] | undefined;
  /** The order of groups: `count`, `key` or a column, with a `-` for the largest first. */
  readonly order?: string | undefined;
  /** Groups whose insides are shown: the keys of each as JSON. */
  readonly open?: readonly string[] | undefined;
  /** Ids of the selected runs. */
  readonly runs?: readonly string[] | undefined;
  /** Ids of the selected runs that charts leave out. */
  readonly hidden?: readonly string[] | undefined;
  /** Whether all runs that match are selected, instead of those by id. */
  readonly all?: boolean | undefined;
  readonly trash?: boolean | undefined;
}

interface RunsPageProps {
  readonly project: string;
  readonly view: RunsView;
  readonly onView: (patch: RunsView) => void;
  /** Go to another view of this table: what comes after `?` in its address. */
  readonly onAddress: (address: string) => void;
  readonly onOpen: (key: string) => void;
  /** Compare runs, of which charts leave out the `hidden`. */
  readonly onCompare: (ids: readonly string[], hidden: readonly string[]) => void;
}

const NOTHING_SELECTED: SelectionView = { runs: undefined, hidden: undefined, all: undefined };
const NEWEST_FIRST: readonly string[] = ["-sys/creation_time"];
/** Each open group is a question of its own; beyond this, the one that was opened first is closed. */
const MOST_OPEN = 50;
/** How the server says that a query cannot be understood; its message shows the place. */
const BAD_QUERY = "bad_query";

export function RunsPage({ project, view, onView, onAddress, onOpen, onCompare }: RunsPageProps) {
  const filter = useRef<HTMLInputElement>(null);
  const visible = useRef<readonly [number, number]>([0, 0]);
  const search = view.search ?? "";
  const sort = view.sort ?? NEWEST_FIRST;
  const trashed = view.trash ?? false;
  const query = { search, sort, columns: askedPaths(view.columns), picks: askedPicks(view.columns), trashed };
  const pages = useRunPages(project, query, () => visible.current);
  const { data, rows, error, isPending, isPlaceholderData, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } =
    pages;
  useSlashKey(filter);
  useEffect(() => {
    document.title = `${project} · Marigram`;
  }, [project]);
  // A query that is half written has no answer; the one before stays in sight.
  const answered = useRef<{ readonly first: RunPage; readonly rows: RunRow[] } | null>(null);
  const fresh = data?.pages[0];
  useEffect(() => {
    if (fresh !== undefined) answered.current = { first: fresh, rows };
  }, [fresh, rows]);
  const badQuery = error instanceof ApiError && error.code === BAD_QUERY ? error : null;
  const { first, rows: shown } =
    fresh === undefined && badQuery !== null && answered.current !== null ? answered.current : { first: fresh, rows };
  const known = first?.columns ?? [];
  const columns = tableColumns(
    view.columns,
    known.map(({ path }) => path),
  );
  const isGrouped = (view.group ?? []).length > 0 && !trashed;
  const numbered = new Set(known.filter(({ kind }) => isNumeric(kind)).map(({ path }) => path));
  const { selected, hidden, isAll, isEach, select, selectAll, hide } = selectionOf(
    isGrouped ? { ...view, all: undefined } : view,
    shown,
    onView,
  );
  // What is selected belongs to what was looked for.
  const look = (text: string | undefined) => onView({ search: text, all: undefined });
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <h1 className={styles.title}>{trashed ? "Trash" : "Runs"}</h1>
        <span className={styles.total} data-testid="runs-total">
          {fresh === undefined ? "" : formatCount(fresh.total)}
        </span>
        <div className={styles.filter}>
          <QueryBox
            project={project}
            value={search}
            onChange={(text) => look(text || undefined)}
            problem={badQuery === null ? null : (badQuery.message.split("\n")[0] ?? null)}
            inputRef={filter}
          />
        </div>
        <div className={styles.tools}>
          <QueryBuilder project={project} query={search} onChange={look} />
          <ColumnPicker
            project={project}
            columns={columns}
            chosen={view.columns !== undefined}
            onChange={(next) => onView({ columns: next?.map(formatColumn) })}
          />
          <TableMenu
            project={project}
            query={query}
            columns={columns}
            trashed={trashed}
            onAddress={onAddress}
            onTrash={(next) => onView({ ...NOTHING_SELECTED, trash: next || undefined })}
          />
        </div>
      </div>
      {badQuery !== null && <QueryProblem problem={badQuery} field={filter} />}
      {trashed && (
        <div className={styles.banner}>
          These runs are in the trash. Select some to restore them, or to delete them for good.
          <Button size="compact-xs" variant="default" onClick={() => onView({ ...NOTHING_SELECTED, trash: undefined })}>
            Back to the runs
          </Button>
        </div>
      )}
      <SelectionBar
        project={project}
        selected={selected}
        all={isAll ? (fresh?.total ?? selected.size) : null}
        // Of a question that is not answered yet nobody knows.
        more={isGrouped || isPlaceholderData || fresh === undefined || !isEach ? 0 : fresh.total}
        idsOfAll={(signal) => idsOf(project, query, signal)}
        onSelectAll={selectAll}
        trashed={trashed}
        names={new Map(shown.map(({ run }) => [run.id, run.key]))}
        onSelect={select}
        onCompare={() => onCompare([...selected], [...hidden])}
        onChanged={() => void pages.refresh()}
      />
      {error !== null && badQuery === null && data === undefined && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
      <Suspense>
        {!isGrouped && fresh !== undefined && rows.length === 0 && (
          <NoRuns project={project} search={search} trashed={trashed} />
        )}
        {isGrouped && (
          <GroupsTable
            project={project}
            search={search}
            by={view.group ?? []}
            numbers={columns.filter((each) => numbered.has(each.path))}
            order={view.order ?? MOST_FIRST}
            open={view.open ?? []}
            selected={selected}
            hidden={hidden}
            onBy={(by) => onView({ group: listed(by), order: undefined, open: stillOpen(view, by) })}
            onOrder={(order) => onView({ order: order === MOST_FIRST ? undefined : order })}
            onOpen={(open) => onView({ open: listed(open.slice(-MOST_OPEN)) })}
            onSelect={select}
            onHide={hide}
            onFilter={(text) =>
              onView({ search: text, all: undefined, group: undefined, order: undefined, open: undefined })
            }
            onOpenRun={onOpen}
          />
        )}
      </Suspense>
      {!isGrouped && (shown.length > 0 || isPending) && (
        <RunsTable
          project={project}
          rows={shown}
          columns={columns}
          known={known}
          sort={sort}
          selected={selected}
          hidden={hidden}
          dimmed={isPlaceholderData}
          loading={isPending}
          hasMore={hasNextPage}
          onSort={(next) =>
            onView({ sort: next.length === 0 || String(next) === String(NEWEST_FIRST) ? undefined : next })
          }
          onColumns={(next) => onView({ columns: next.map(formatColumn) })}
          onSelect={select}
          onHide={hide}
          onGroup={(by) => onView({ group: [by], order: undefined, open: undefined })}
          onOpen={onOpen}
          onEdited={() => void pages.refresh()}
          onVisible={(from, to) => {
            visible.current = [from, to];
            if (to >= shown.length - 20 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
          }}
        />
      )}
    </div>
  );
}

/** Groups stay open when the runs inside them are grouped by one more path. */
function stillOpen({ group = [], open }: RunsView, by: readonly string[]): readonly string[] | undefined {
  return by.length > 0 && group.every((path, index) => by[index] === path) ? open : undefined;
}

interface QueryProblemProps {
  readonly problem: ApiError;
  readonly field: RefObject<HTMLInputElement | null>;
}

/** What is wrong with the query and how to put it right; the place is one click away. */
function QueryProblem({ problem, field }: QueryProblemProps) {
  const { position } = problem;
  const [sentence = "", ...place] = problem.message.split("\n");
  return (
    <div className={styles.problem}>
      <div className={styles.said} role="alert" data-testid="query-problem">
        {sentence}
        {place.length > 0 && <pre tabIndex={0}>{place.join("\n")}</pre>}
      </div>
      {position !== null && (
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => {
            const input = field.current;
            const start = placeOf(input?.value ?? "", position);
            input?.focus();
            input?.setSelectionRange(start, wordEnd(input.value, start));
          }}
        >
          Go there
        </Button>
      )}
    </div>
  );
}

/** The server counts characters, the field counts units of UTF-16. */
function placeOf(text: string, characters: number): number {
  return [...text].slice(0, characters).join("").length;
}

function wordEnd(text: string, start: number): number {
  const length = /^\S+/.exec(text.slice(start))?.[0].length ?? 0;
  return start + length;
}

/** `/` puts the cursor into the filter, unless one is typing elsewhere. */
function useSlashKey(field: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : null;
      const typing = target?.closest("input, textarea, select, [contenteditable]") !== null && target !== null;
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [field]);
}
