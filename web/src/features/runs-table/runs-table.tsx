/** The table itself: only the rows on the screen are in the page, columns can be dragged wider. */

import { useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Column, RunRow } from "#api/types.ts";
import { features, isNumericColumn, tableColumns } from "./columns.tsx";
import styles from "./runs-page.module.css";

interface RunsTableProps {
  readonly rows: RunRow[];
  readonly columns: readonly Column[];
  /** A path; with `-` in front for descending. */
  readonly sort: string;
  /** What is shown belongs to the question before; the answer is on its way. */
  readonly dimmed: boolean;
  readonly loading: boolean;
  readonly hasMore: boolean;
  readonly onSort: (sort: string) => void;
  readonly onOpen: (key: string) => void;
  /** Called with the first and last row on the screen. */
  readonly onVisible: (from: number, to: number) => void;
}

const ROW_HEIGHT = 34;
const UNSORTABLE = "tags";
const KEY_STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 };

export function RunsTable(props: RunsTableProps) {
  const { rows, columns, sort, dimmed, loading, hasMore, onSort, onOpen } = props;
  const scroller = useRef<HTMLDivElement>(null);
  // The run, not its place, is what one has selected: rows move while runs are logged.
  const [selected, setSelected] = useState<string | null>(null);
  const shape = columns.map(({ path, kind }) => `${path} ${kind}`).join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: every live answer brings a new list of the same columns.
  const definitions = useMemo(() => tableColumns(columns), [shape]);
  const table = useTable({
    features,
    columns: definitions,
    data: rows,
    getRowId: (row) => row.run.id,
    columnResizeMode: "onChange",
    defaultColumn: { minSize: 60 },
  });
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const from = items[0]?.index ?? 0;
  const to = items.at(-1)?.index ?? 0;
  useSteadyRows(scroller, rows);
  const tell = useEffectEvent(props.onVisible);
  // biome-ignore lint/correctness/useExhaustiveDependencies: more rows below may be wanted although the same are shown.
  useEffect(() => tell(from, to), [from, to, rows.length]);

  const onKeyDown = (event: KeyboardEvent) => {
    const at = rows.findIndex(({ run }) => run.id === selected);
    if (event.key === "Enter" && event.target === event.currentTarget) {
      const row = rows[at];
      if (row !== undefined) onOpen(row.run.key);
      return;
    }
    const step = KEY_STEPS[event.key] ?? (event.key === "Home" ? -rows.length : event.key === "End" ? rows.length : 0);
    if (step === 0 || rows.length === 0) return;
    event.preventDefault();
    const next = Math.min(rows.length - 1, Math.max(0, at + step));
    setSelected(rows[next]?.run.id ?? null);
    virtual.scrollToIndex(next);
  };

  const body = table.getRowModel().rows;
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const template = `${headers.map((header) => `${header.getSize()}px`).join(" ")} minmax(0, 1fr)`;
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="grid"
      aria-label="Runs"
      aria-rowcount={rows.length + 1}
      aria-busy={loading || dimmed}
      {...(selected === null ? {} : { "aria-activedescendant": `run-${selected}` })}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div className={styles.grid} style={{ "--columns": template, "--width": `${table.getTotalSize()}px` } as object}>
        <div className={styles.head} role="row" tabIndex={-1}>
          {headers.map((header) => {
            const path = header.column.id;
            const direction = sort === path ? "ascending" : sort === `-${path}` ? "descending" : "none";
            return (
              <div
                key={header.id}
                role="columnheader"
                tabIndex={-1}
                aria-sort={direction}
                className={styles.th}
                data-numeric={isNumericColumn(path, columns)}
              >
                {path === UNSORTABLE ? (
                  <span className={styles.plain}>
                    <table.FlexRender header={header} />
                  </span>
                ) : (
                  <button
                    type="button"
                    className={styles.sort}
                    onClick={() => onSort(direction === "descending" ? path : `-${path}`)}
                  >
                    <table.FlexRender header={header} />
                    <span className={styles.arrow} aria-hidden="true">
                      {direction === "ascending" ? "↑" : direction === "descending" ? "↓" : ""}
                    </span>
                  </button>
                )}
                <span
                  className={styles.grip}
                  aria-hidden="true"
                  onMouseDown={header.getResizeHandler()}
                  onTouchStart={header.getResizeHandler()}
                />
              </div>
            );
          })}
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }} data-dimmed={dimmed}>
          {items.map((item) => {
            const row = body[item.index];
            if (row === undefined) return null;
            const { run } = row.original;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around the rows takes the keys.
              <div
                key={run.id}
                id={`run-${run.id}`}
                className={styles.row}
                role="row"
                tabIndex={-1}
                aria-rowindex={item.index + 2}
                aria-selected={run.id === selected}
                data-testid="run-row"
                data-run-key={run.key}
                style={{ transform: `translateY(${item.start}px)`, height: ROW_HEIGHT }}
                onClick={(event) => {
                  // The key is a link of its own, which also opens new tabs.
                  const onLink = event.target instanceof HTMLElement && event.target.closest("a") !== null;
                  if (!onLink) onOpen(run.key);
                }}
              >
                {row.getAllCells().map((cell) => (
                  <div
                    key={cell.id}
                    role="gridcell"
                    tabIndex={-1}
                    className={styles.td}
                    data-numeric={isNumericColumn(cell.column.id, columns)}
                  >
                    <table.FlexRender cell={cell} />
                  </div>
                ))}
              </div>
            );
          })}
        </div>
        {hasMore && <div className={styles.more}>Loading more runs…</div>}
      </div>
    </div>
  );
}

/** New runs above what one reads push it down; this moves along. At the very top they are let in. */
function useSteadyRows(scroller: RefObject<HTMLDivElement | null>, rows: readonly RunRow[]): void {
  const before = useRef(rows);
  useLayoutEffect(() => {
    const box = scroller.current;
    const held = before.current;
    before.current = rows;
    if (box === null || held === rows || box.scrollTop < ROW_HEIGHT) return;
    const top = Math.floor(box.scrollTop / ROW_HEIGHT);
    const id = held[top]?.run.id;
    const now = rows.findIndex(({ run }) => run.id === id);
    if (id !== undefined && now >= 0) box.scrollTop += (now - top) * ROW_HEIGHT;
  }, [scroller, rows]);
}
