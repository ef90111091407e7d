/** Attributes of the compared runs, a column for each run; only the rows on the screen are in the page. */

import { Switch } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, type ReactNode, useEffect, useEffectEvent, useMemo, useRef } from "react";
import { cellText, exactText } from "#api/cells.ts";
import { useComparedAttributes } from "#api/comparison.ts";
import type { AttributeInfo, Run } from "#api/types.ts";
import { lineColor } from "#base/color.ts";
import { formatCount } from "#base/numbers.ts";
import { useDark } from "#widgets/dark.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import type { ComparedRun, CompareView } from "./compare-page.tsx";
import styles from "./compare-table.module.css";
import { type CompareRow, differenceOf, differenceText, differs, isOfSomeProcess, looksAlike, rowsOf } from "./rows.ts";

interface CompareTableProps {
  readonly compared: readonly ComparedRun[];
  readonly view: CompareView;
  readonly onView: (patch: CompareView) => void;
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
}

const ROW_HEIGHT = 30;
/** The next page is asked for when so few rows are left below. */
const ROWS_AHEAD = 30;

export function CompareTable({ compared, view, onView, runLink }: CompareTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const runIds = useMemo(() => compared.map(({ run }) => run.id), [compared]);
  const search = view.filter ?? "";
  const { data, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useComparedAttributes(
    runIds,
    search,
  );
  const all = useMemo(() => rowsOf(data?.pages ?? []), [data]);
  const differ = view.differ ?? false;
  const different = useMemo(() => (differ ? all.filter((row) => differs(row, runIds)) : all), [all, differ, runIds]);
  const rows = useMemo(
    () => (differ && search === "" ? different.filter((row) => !isOfSomeProcess(row, runIds)) : different),
    [different, differ, search, runIds],
  );
  const baseline = runIds.find((id) => id === view.baseline) ?? null;
  // What the others are measured against stands before them.
  const columns = useMemo(
    () => [...compared].sort((a, b) => Number(b.run.id === baseline) - Number(a.run.id === baseline)),
    [compared, baseline],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const more = useEffectEvent(() => void fetchNextPage());
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastShown >= rows.length - ROWS_AHEAD) more();
  }, [hasNextPage, isFetchingNextPage, lastShown, rows.length]);
  const grid = { "--columns": columns.length } as CSSProperties;
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <SearchInput
          className={styles.filter}
          value={search}
          onChange={(text) => onView({ filter: text || undefined })}
          label="Search attributes"
          testId="compare-filter"
        />
        <Switch
          size="xs"
          label="Only differences"
          data-testid="only-differences"
          checked={differ}
          onChange={(event) => onView({ differ: event.currentTarget.checked || undefined })}
        />
        <span className={styles.count} data-testid="compare-count">
          {formatCount(rows.length)}
          {hasNextPage ? "+" : ""} attributes
        </span>
        {rows.length < different.length && (
          <span className={styles.count} data-testid="compare-left-out">
            {formatCount(different.length - rows.length)} of single processes are left out.{" "}
            <button type="button" className={styles.link} onClick={() => onView({ filter: "monitoring/" })}>
              Show them
            </button>
          </span>
        )}
      </div>
      {error !== null && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!isPending && rows.length === 0 && !hasNextPage && error === null && (
        <EmptyState title={emptyTitle(search, differ)} />
      )}
      {(rows.length > 0 || hasNextPage) && (
        <div
          ref={scroller}
          className={styles.scroller}
          role="table"
          aria-label="Attributes of the compared runs"
          aria-rowcount={rows.length + 1}
          tabIndex={0}
          style={grid}
        >
          <div role="rowgroup" className={styles.header}>
            <div role="row" tabIndex={-1} aria-rowindex={1} className={styles.row}>
              <div role="columnheader" tabIndex={-1} className={styles.path}>
                Attribute
              </div>
              {columns.map((column) => (
                <RunHeading
                  key={column.run.id}
                  column={column}
                  isBaseline={column.run.id === baseline}
                  onBaseline={(id) => onView({ baseline: id ?? undefined })}
                  runLink={runLink}
                />
              ))}
            </div>
          </div>
          <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
            {items.map((item) => {
              const row = rows[item.index];
              return row === undefined ? null : (
                <Row
                  key={row.path}
                  row={row}
                  index={item.index}
                  top={item.start}
                  columns={columns}
                  baseline={baseline}
                />
              );
            })}
          </div>
        </div>
      )}
    </div>
  );
}

function emptyTitle(search: string, differ: boolean): string {
  if (search !== "") return "No attribute matches the search";
  return differ ? "These runs do not differ" : "These runs have no attributes yet";
}

interface RunHeadingProps {
  readonly column: ComparedRun;
  readonly isBaseline: boolean;
  readonly onBaseline: (runId: string | null) => void;
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
}

function RunHeading({ column, isBaseline, onBaseline, runLink }: RunHeadingProps) {
  const dark = useDark();
  const { run, label, slot } = column;
  return (
    <div role="columnheader" tabIndex={-1} className={styles.cell} data-testid="compare-run">
      <span className={styles.swatch} style={{ background: lineColor(slot, dark) }} aria-hidden="true" />
      {runLink(
        run,
        <span className={styles.text} title={label}>
          {label}
        </span>,
      )}
      <button
        type="button"
        className={styles.baseline}
        aria-pressed={isBaseline}
        aria-label={`Baseline: measure the others against ${label}`}
        onClick={() => onBaseline(isBaseline ? null : run.id)}
      >
        Baseline
      </button>
    </div>
  );
}

interface RowProps {
  readonly row: CompareRow;
  readonly index: number;
  readonly top: number;
  readonly columns: readonly ComparedRun[];
  readonly baseline: string | null;
}

function Row({ row, index, top, columns, baseline }: RowProps) {
  const base = baseline === null ? undefined : row.cells.get(baseline);
  const isDifferent = differs(
    row,
    columns.map(({ run }) => run.id),
  );
  const isExact = isDifferent && looksAlike(row);
  return (
    <div
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      className={styles.row}
      data-testid="compare-row"
      data-path={row.path}
      data-differs={isDifferent || undefined}
      style={{ position: "absolute", top, height: ROW_HEIGHT }}
    >
      <div role="rowheader" tabIndex={-1} className={styles.path} title={row.path}>
        {row.path}
      </div>
      {columns.map(({ run }) => (
        <Cell
          key={run.id}
          cell={row.cells.get(run.id)}
          baseline={run.id === baseline ? undefined : base}
          isExact={isExact}
        />
      ))}
    </div>
  );
}

interface CellProps {
  readonly cell: AttributeInfo | undefined;
  readonly baseline: AttributeInfo | undefined;
  /** Whether fewer digits would not tell it from the others. */
  readonly isExact: boolean;
}

function Cell({ cell, baseline, isExact }: CellProps) {
  if (cell === undefined) {
    return (
      <div role="cell" className={styles.cell}>
        <span className={styles.none}>–</span>
      </div>
    );
  }
  const exact = exactText(cell);
  const difference = differenceOf(cell, baseline);
  return (
    <div role="cell" className={styles.cell}>
      <span className={styles.text} title={exact}>
        {isExact ? exact : cellText(cell)}
      </span>
      {difference !== null && <span className={styles.delta}>{differenceText(difference)}</span>}
    </div>
  );
}
