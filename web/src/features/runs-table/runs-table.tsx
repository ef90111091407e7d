/** The table itself: only the rows on the screen are in the page. */

import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import type { Column, RunRow as Row } from "#api/types.ts";
import { colorSlots, ownSlot } from "#base/run-color.ts";
import { UpIcon } from "#widgets/icons.tsx";
import { isEditableCell } from "./cell-editor.tsx";
import { isNumeric } from "./cells.ts";
import { widthOf } from "./column-shape.ts";
import { type ColumnSpec, columnId, moved, nextSort, RUN_PATH } from "./column-spec.ts";
import { HeaderCell } from "./header-cell.tsx";
import { cellId, RunRow } from "./run-row.tsx";
import styles from "./runs-table.module.css";

interface RunsTableProps {
  readonly project: string;
  readonly rows: readonly Row[];
  readonly columns: readonly ColumnSpec[];
  /** What the server knows of the columns' paths. */
  readonly known: readonly Column[];
  readonly sort: readonly string[];
  readonly selected: ReadonlySet<string>;
  /** Selected runs that charts leave out. */
  readonly hidden: ReadonlySet<string>;
  /** What is shown belongs to the question before; the answer is on its way. */
  readonly dimmed: boolean;
  readonly loading: boolean;
  readonly hasMore: boolean;
  readonly onSort: (sort: readonly string[]) => void;
  readonly onColumns: (columns: readonly ColumnSpec[]) => void;
  readonly onSelect: (ids: ReadonlySet<string>) => void;
  readonly onHide: (id: string, away: boolean) => void;
  /** Called with the id of a column. */
  readonly onGroup: (by: string) => void;
  readonly onOpen: (key: string) => void;
  readonly onEdited: () => void;
  /** Called with the first and last row on the screen. */
  readonly onVisible: (from: number, to: number) => void;
}

interface Place {
  /** The run, not its row, is where one is: rows move while runs are logged. */
  readonly id: string;
  readonly column: number;
}

const ROW_HEIGHT = 34;
const KEY_STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 };
/** On a phone the run's name leaves room for a column beside it. */
const RUN_SHARE = "56vw";

export function RunsTable(props: RunsTableProps) {
  const { rows, columns, known, sort, selected, dimmed, loading, hasMore, onColumns, onSelect, onOpen } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<Place | null>(null);
  const [editing, setEditing] = useState<Place | null>(null);
  const [preview, setPreview] = useState<{ readonly id: string; readonly width: number } | null>(null);
  const anchor = useRef<string | null>(null);
  const dragged = useRef<number | null>(null);
  const kinds = new Map(known.map(({ path, kind }) => [path, kind]));
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const from = items[0]?.index ?? 0;
  const to = items.at(-1)?.index ?? 0;
  const above = useSteadyRows(scroller, rows);
  const tell = useEffectEvent(props.onVisible);
  // biome-ignore lint/correctness/useExhaustiveDependencies: more rows below may be wanted although the same are shown.
  useEffect(() => tell(from, to), [from, to, rows.length]);

  const numeric = (column: ColumnSpec) => {
    const kind = kinds.get(column.path);
    return column.path === "sys/running_time" || (kind !== undefined && isNumeric(kind, column.measure));
  };
  const widths = columns.map((column) =>
    preview !== null && preview.id === columnId(column) ? preview.width : widthOf(column, kinds.get(column.path)),
  );
  const lefts = stickyPlaces(columns, widths);
  const numbers = columns.map(numeric);
  const slots = selectedSlots(selected, rows);
  const change = (index: number, column: ColumnSpec) => {
    setPreview(null);
    onColumns(columns.map((held, at) => (at === index ? column : held)));
  };
  const select = (id: string, toRange: boolean) => {
    const next = new Set(selected);
    const at = rows.findIndex(({ run }) => run.id === id);
    const start = toRange ? rows.findIndex(({ run }) => run.id === anchor.current) : -1;
    if (start >= 0) {
      for (const { run } of rows.slice(Math.min(start, at), Math.max(start, at) + 1)) next.add(run.id);
    } else if (!next.delete(id)) next.add(id);
    anchor.current = id;
    onSelect(next);
  };
  const edit = (place: Place) => {
    setActive(place);
    setEditing(place);
  };
  const stopEditing = () => {
    setEditing(null);
    scroller.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const at = rows.findIndex(({ run }) => run.id === active?.id);
    const row = rows[at];
    const column = active?.column ?? 0;
    if (event.key === "Enter" && row !== undefined) onOpen(row.run.key);
    else if (event.key === "h" && row !== undefined && selected.has(row.run.id)) {
      props.onHide(row.run.id, !props.hidden.has(row.run.id));
    } else if (event.key === " " && row !== undefined) select(row.run.id, event.shiftKey);
    else if (event.key === "F2" && row !== undefined) {
      const path = columns[column]?.path ?? "";
      // What is typed then must not end up in another column.
      if (isEditableCell(row, path)) edit({ id: row.run.id, column });
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) onSelect(new Set(rows.map(({ run }) => run.id)));
    else if (event.key === "Escape" && selected.size > 0) onSelect(new Set());
    else if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && row !== undefined && !event.altKey) {
      const next = column + (event.key === "ArrowLeft" ? -1 : 1);
      const shown = Math.min(columns.length - 1, Math.max(0, next));
      setActive({ id: row.run.id, column: shown });
      document.getElementById(cellId(row.run.id, shown))?.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else {
      const step =
        KEY_STEPS[event.key] ?? (event.key === "Home" ? -rows.length : event.key === "End" ? rows.length : 0);
      if (step === 0 || rows.length === 0) return;
      const next = Math.min(rows.length - 1, Math.max(0, at + step));
      const target = rows[next]?.run.id;
      if (target === undefined) return;
      setActive({ id: target, column });
      virtual.scrollToIndex(next);
      if (event.shiftKey) {
        anchor.current ??= row?.run.id ?? target;
        const first = rows.findIndex(({ run }) => run.id === anchor.current);
        const range = rows.slice(Math.min(first, next), Math.max(first, next) + 1).map(({ run }) => run.id);
        onSelect(new Set([...selected, ...range]));
      } else anchor.current = target;
    }
    event.preventDefault();
  };

  const template = `${columns.map(({ path }, index) => (path === RUN_PATH ? `min(${widths[index]}px, ${RUN_SHARE})` : `${widths[index]}px`)).join(" ")} minmax(0, 1fr)`;
  return (
    <div className={styles.frame}>
      {above > 0 && (
        <button
          type="button"
          className={styles.news}
          data-testid="new-runs"
          onClick={() => scroller.current?.scrollTo({ top: 0 })}
        >
          <UpIcon size={12} /> {above} new {above === 1 ? "run" : "runs"}
        </button>
      )}
      <div
        ref={scroller}
        className={styles.scroller}
        role="grid"
        aria-label="Runs"
        aria-multiselectable="true"
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length}
        aria-busy={loading || dimmed}
        {...(active === null ? {} : { "aria-activedescendant": cellId(active.id, active.column) })}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div className={styles.grid} style={{ "--columns": template } as CSSProperties}>
          <div className={styles.head} role="row" tabIndex={-1}>
            {columns.map((column, index) => {
              const id = columnId(column);
              const key = sort.find((one) => one === id || one === `-${id}`);
              return (
                <HeaderCell
                  key={id}
                  project={props.project}
                  column={column}
                  kind={kinds.get(column.path)}
                  width={widths[index] ?? 0}
                  numeric={numbers[index] === true}
                  direction={key === undefined ? "none" : key.startsWith("-") ? "descending" : "ascending"}
                  rank={key !== undefined && sort.length > 1 ? sort.indexOf(key) + 1 : null}
                  left={lefts[index] ?? null}
                  {...(column.path === RUN_PATH
                    ? { leading: <SelectAll rows={rows} selected={selected} onSelect={onSelect} /> }
                    : {})}
                  onSort={(beside) => props.onSort(nextSort(sort, id, beside))}
                  onOrder={(descending) => props.onSort([`${descending ? "-" : ""}${id}`])}
                  onGroup={() => props.onGroup(id)}
                  onChange={(next) => change(index, next)}
                  onRemove={() => onColumns(columns.filter((_, at) => at !== index))}
                  onMove={(steps) => onColumns(moved(columns, index, index + steps))}
                  onResize={(width) => change(index, { ...column, width })}
                  onPreview={(width) => setPreview({ id, width })}
                  onDrag={() => {
                    dragged.current = index;
                  }}
                  onDrop={() => {
                    if (dragged.current !== null) onColumns(moved(columns, dragged.current, index));
                    dragged.current = null;
                  }}
                />
              );
            })}
          </div>
          <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }} data-dimmed={dimmed}>
            {items.map((item) => {
              const row = rows[item.index];
              if (row === undefined) return null;
              const { id } = row.run;
              return (
                <RunRow
                  key={id}
                  row={row}
                  index={item.index}
                  top={item.start}
                  height={ROW_HEIGHT}
                  columns={columns}
                  lefts={lefts}
                  numeric={numbers}
                  slot={slots.get(id) ?? ownSlot(id)}
                  selected={selected.has(id)}
                  hidden={props.hidden.has(id)}
                  active={active?.id === id ? active.column : null}
                  editing={editing?.id === id ? editing.column : null}
                  onSelect={(toRange) => select(id, toRange)}
                  onHide={(away) => props.onHide(id, away)}
                  onOpen={() => onOpen(row.run.key)}
                  onEdit={(column) => edit({ id, column })}
                  onStopEditing={stopEditing}
                  onEdited={props.onEdited}
                />
              );
            })}
          </div>
          {hasMore && <div className={styles.more}>Loading more runs…</div>}
        </div>
      </div>
    </div>
  );
}

interface SelectAllProps {
  readonly rows: readonly Row[];
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (ids: ReadonlySet<string>) => void;
}

function SelectAll({ rows, selected, onSelect }: SelectAllProps) {
  const ids = rows.map(({ run }) => run.id);
  const count = ids.filter((id) => selected.has(id)).length;
  const all = ids.length > 0 && count === ids.length;
  return (
    <input
      ref={(box) => {
        if (box !== null) box.indeterminate = count > 0 && !all;
      }}
      type="checkbox"
      className={styles.all}
      aria-label="Select all runs that are loaded"
      checked={all}
      onChange={() => onSelect(all ? new Set() : new Set([...selected, ...ids]))}
    />
  );
}

/** Colours of the selected runs, as the comparison gives them: the older run keeps its own. */
function selectedSlots(selected: ReadonlySet<string>, rows: readonly Row[]): ReadonlyMap<string, number> {
  if (selected.size === 0) return colorSlots([]);
  const created = new Map(rows.map(({ run }) => [run.id, run.created_at]));
  const age = (id: string) => created.get(id) ?? Number.NEGATIVE_INFINITY;
  return colorSlots([...selected].sort((a, b) => age(a) - age(b)));
}

/** Where each pinned column sticks, from the left; null for one that scrolls away. */
function stickyPlaces(columns: readonly ColumnSpec[], widths: readonly number[]): (string | null)[] {
  let left = 0;
  return columns.map(({ path, pinned }, index) => {
    if (path === RUN_PATH) return "0px";
    if (!pinned) return null;
    const place = `calc(min(${widths[0]}px, ${RUN_SHARE}) + ${left}px)`;
    left += widths[index] ?? 0;
    return place;
  });
}

/** New runs above what one reads push it down; this moves along, and says how many they are until one looks. */
function useSteadyRows(scroller: RefObject<HTMLDivElement | null>, rows: readonly Row[]): number {
  const before = useRef(rows);
  const [above, setAbove] = useState(0);
  useLayoutEffect(() => {
    const box = scroller.current;
    const held = before.current;
    before.current = rows;
    if (box === null || held === rows || box.scrollTop < ROW_HEIGHT) return;
    const top = Math.floor(box.scrollTop / ROW_HEIGHT);
    const id = held[top]?.run.id;
    const now = rows.findIndex(({ run }) => run.id === id);
    if (id === undefined || now < 0) return;
    box.scrollTop += (now - top) * ROW_HEIGHT;
    if (now > top) setAbove((count) => count + now - top);
  }, [scroller, rows]);
  useEffect(() => {
    const box = scroller.current;
    if (box === null) return undefined;
    const look = () => {
      if (box.scrollTop < ROW_HEIGHT) setAbove(0);
    };
    box.addEventListener("scroll", look, { passive: true });
    return () => box.removeEventListener("scroll", look);
  }, [scroller]);
  return above;
}
