/** The runs of a project: filter, sort, choose columns, open one. Live. */

import { useEffect, useRef } from "react";
import { ApiError } from "#api/request.ts";
import { useRunPages } from "#api/run-pages.ts";
import { formatCount } from "#base/numbers.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { ColumnPicker } from "./column-picker.tsx";
import styles from "./runs-page.module.css";
import { RunsTable } from "./runs-table.tsx";

export interface RunsView {
  readonly search?: string | undefined;
  readonly sort?: string | undefined;
  readonly columns?: readonly string[] | undefined;
}

interface RunsPageProps {
  readonly project: string;
  readonly view: RunsView;
  readonly onView: (patch: RunsView) => void;
  readonly onOpen: (key: string) => void;
}

const NEWEST_FIRST = "-sys/creation_time";
/** How the server says that a query cannot be understood; its message shows the place. */
const BAD_QUERY = "bad_query";
const NO_COLUMNS: readonly string[] = [];

export function RunsPage({ project, view, onView, onOpen }: RunsPageProps) {
  const filter = useRef<HTMLInputElement>(null);
  const visible = useRef<readonly [number, number]>([0, 0]);
  const search = view.search ?? "";
  const sort = view.sort ?? NEWEST_FIRST;
  const { data, rows, error, isPending, isPlaceholderData, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } =
    useRunPages(project, { search, sort, columns: view.columns ?? NO_COLUMNS }, () => visible.current);
  useSlashKey(filter);
  useEffect(() => {
    document.title = `${project} · Marigram`;
  }, [project]);
  const first = data?.pages[0];
  const badQuery = error instanceof ApiError && error.code === BAD_QUERY ? error.message : null;
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <h1 className={styles.title}>Runs</h1>
        <span className={styles.total} data-testid="runs-total">
          {first === undefined ? "" : formatCount(first.total)}
        </span>
        <SearchInput
          className={styles.filter}
          value={search}
          onChange={(text) => onView({ search: text || undefined })}
          label="Filter runs"
          placeholder="Words, or a query: loss < 0.5 AND lr = 0.1  ( / )"
          testId="runs-filter"
          inputRef={filter}
        />
        <ColumnPicker
          project={project}
          shown={first?.columns.map(({ path }) => path) ?? []}
          chosen={view.columns !== undefined}
          onChange={(columns) => onView({ columns })}
        />
      </div>
      {badQuery !== null && (
        <pre className={styles.problem} role="alert" data-testid="query-problem">
          {badQuery}
        </pre>
      )}
      {error !== null && badQuery === null && data === undefined && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
      {first !== undefined && rows.length === 0 && (
        <EmptyState title={search === "" ? "This project has no runs" : "No run matches the filter"}>
          {search === "" ? `Start one with marigram.init_run(project="${project}").` : "Try fewer or other words."}
        </EmptyState>
      )}
      {(rows.length > 0 || isPending) && (
        <RunsTable
          rows={rows}
          columns={first?.columns ?? []}
          sort={sort}
          dimmed={isPlaceholderData}
          loading={isPending}
          hasMore={hasNextPage}
          onSort={(next) => onView({ sort: next === NEWEST_FIRST ? undefined : next })}
          onOpen={onOpen}
          onVisible={(from, to) => {
            visible.current = [from, to];
            if (to >= rows.length - 20 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
          }}
        />
      )}
    </div>
  );
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
