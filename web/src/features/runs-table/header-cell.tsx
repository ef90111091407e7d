/** The head of one column: sorts, and is dragged to another place or width; its menu does the rest. */

import { Menu } from "@mantine/core";
import { type CSSProperties, type DragEvent, type KeyboardEvent, type PointerEvent, useState } from "react";
import type { Kind } from "#api/types.ts";
import { leafOf, namespaceOf } from "#base/path.ts";
import { isNumeric } from "./cells.ts";
import {
  type ColumnSpec,
  columnId,
  FORMAT_NAMES,
  MAX_WIDTH,
  MEASURE_NAMES,
  MEASURES,
  MIN_WIDTH,
  NOTES_PATH,
  NUMBER_FORMATS,
  OWN_COLUMNS,
  RUN_PATH,
} from "./column-spec.ts";
import styles from "./runs-table.module.css";

export interface HeaderCellProps {
  readonly column: ColumnSpec;
  readonly kind: Kind | undefined;
  readonly width: number;
  readonly numeric: boolean;
  readonly direction: "ascending" | "descending" | "none";
  /** Which key of several it is, from 1; null if there are no others. */
  readonly rank: number | null;
  readonly left: string | null;
  readonly onSort: (beside: boolean) => void;
  readonly onOrder: (descending: boolean) => void;
  readonly onChange: (column: ColumnSpec) => void;
  readonly onRemove: () => void;
  readonly onMove: (steps: number) => void;
  /** Null is as wide as it needs. */
  readonly onResize: (width: number | null) => void;
  /** Called with the width while the edge is dragged. */
  readonly onPreview: (width: number) => void;
  readonly onDrag: () => void;
  readonly onDrop: () => void;
}

const KEY_RESIZE = 20;
/** The server has no order for these. */
const UNSORTABLE: readonly string[] = ["sys/tags"];

export function HeaderCell(props: HeaderCellProps) {
  const { column, kind, width, numeric, direction, rank, left } = props;
  const [renaming, setRenaming] = useState(false);
  const [over, setOver] = useState(false);
  const isRun = column.path === RUN_PATH;
  const sortable = !UNSORTABLE.includes(column.path) && column.measure !== "count";
  const title = titleOf(column);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (step === 0 || !event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.shiftKey) props.onResize(clamped(width + step * KEY_RESIZE));
    else if (!isRun) props.onMove(step);
  };
  const dragging = isRun
    ? {}
    : {
        draggable: !renaming,
        onDragStart: (event: DragEvent) => {
          event.dataTransfer.setData("text/plain", column.path);
          event.dataTransfer.effectAllowed = "move";
          props.onDrag();
        },
        onDragOver: (event: DragEvent) => {
          event.preventDefault();
          setOver(true);
        },
        onDragLeave: () => setOver(false),
        onDrop: (event: DragEvent) => {
          event.preventDefault();
          setOver(false);
          props.onDrop();
        },
      };
  return (
    <div
      role="columnheader"
      tabIndex={-1}
      aria-sort={direction}
      className={styles.th}
      data-numeric={numeric}
      data-over={over}
      data-pinned={left !== null}
      data-testid="column-header"
      data-column={columnId(column)}
      style={left === null ? {} : ({ "--left": left } as CSSProperties)}
      {...dragging}
    >
      {renaming ? (
        <input
          className={styles.rename}
          aria-label={`Name of the column ${columnId(column)}`}
          // biome-ignore lint/a11y/noAutofocus: somebody has just asked to type here.
          autoFocus
          defaultValue={column.name}
          placeholder={title}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Escape") setRenaming(false);
            if (event.key === "Enter") {
              props.onChange({ ...column, name: event.currentTarget.value.trim() });
              setRenaming(false);
            }
          }}
          onBlur={(event) => {
            props.onChange({ ...column, name: event.currentTarget.value.trim() });
            setRenaming(false);
          }}
        />
      ) : (
        <button
          type="button"
          className={styles.sort}
          disabled={!sortable}
          title={`${columnId(column)}${sortable ? " — click to sort, shift-click to sort by several" : ""}`}
          onClick={(event) => props.onSort(event.shiftKey)}
          onKeyDown={onKeyDown}
        >
          <PathTitle column={column} title={title} />
          {direction !== "none" && (
            <span className={styles.arrow} aria-hidden="true">
              {direction === "ascending" ? "↑" : "↓"}
              {rank !== null && <sub>{rank}</sub>}
            </span>
          )}
        </button>
      )}
      {!renaming && (
        <HeaderMenu
          {...props}
          sortable={sortable}
          isSeries={kind === "float_series"}
          onRename={() => setRenaming(true)}
        />
      )}
      <Grip width={width} onPreview={props.onPreview} onResize={props.onResize} />
    </div>
  );
}

function PathTitle({ column, title }: { readonly column: ColumnSpec; readonly title: string }) {
  const isPath = column.name === "" && !(column.path in OWN_COLUMNS) && column.path !== NOTES_PATH;
  const namespace = isPath ? namespaceOf(column.path) : "";
  const above = [
    column.measure === "last" ? "" : MEASURE_NAMES[column.measure].toLowerCase(),
    namespace && `${namespace}/`,
  ];
  const small = column.name === "" ? above.filter((part) => part !== "").join(" ") : "";
  return (
    <span className={styles.path}>
      {small !== "" && <span className={styles.namespace}>{small}</span>}
      <span className={styles.leaf}>{title}</span>
    </span>
  );
}

interface HeaderMenuProps extends HeaderCellProps {
  readonly sortable: boolean;
  readonly isSeries: boolean;
  readonly onRename: () => void;
}

function HeaderMenu(props: HeaderMenuProps) {
  const { column, numeric, sortable, isSeries, width } = props;
  const isRun = column.path === RUN_PATH;
  const hasNumbers = numeric && column.path !== "sys/running_time";
  return (
    <Menu
      position="bottom-start"
      width={220}
      shadow="md"
      withinPortal
      withInitialFocusPlaceholder={false}
      transitionProps={{ duration: 0 }}
    >
      <Menu.Target>
        <button
          type="button"
          className={styles.menu}
          aria-label={`Column ${columnId(column)}`}
          data-testid="column-menu"
        >
          <span aria-hidden="true">⋮</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown mah="70vh" style={{ overflowY: "auto" }}>
        {sortable && (
          <>
            <Menu.Item onClick={() => props.onOrder(false)}>Sort ascending</Menu.Item>
            <Menu.Item onClick={() => props.onOrder(true)}>Sort descending</Menu.Item>
            <Menu.Divider />
          </>
        )}
        <Menu.Item onClick={props.onRename}>Rename…</Menu.Item>
        {!isRun && (
          <>
            <Menu.Item onClick={() => props.onChange({ ...column, pinned: !column.pinned })}>
              {column.pinned ? "Unpin" : "Pin to the left"}
            </Menu.Item>
            <Menu.Item closeMenuOnClick={false} onClick={() => props.onMove(-1)}>
              Move left
            </Menu.Item>
            <Menu.Item closeMenuOnClick={false} onClick={() => props.onMove(1)}>
              Move right
            </Menu.Item>
          </>
        )}
        <Menu.Item closeMenuOnClick={false} onClick={() => props.onResize(clamped(width + 2 * KEY_RESIZE))}>
          Wider
        </Menu.Item>
        <Menu.Item closeMenuOnClick={false} onClick={() => props.onResize(clamped(width - 2 * KEY_RESIZE))}>
          Narrower
        </Menu.Item>
        {isSeries && (
          <>
            <Menu.Divider />
            <Menu.Label>Show of the series</Menu.Label>
            {MEASURES.map((measure) => (
              <Menu.Item
                key={measure}
                role="menuitemradio"
                aria-checked={measure === column.measure}
                onClick={() => props.onChange({ ...column, measure })}
              >
                {MEASURE_NAMES[measure]}
                {measure === column.measure && " ✓"}
              </Menu.Item>
            ))}
          </>
        )}
        {hasNumbers && (
          <>
            <Menu.Divider />
            <Menu.Label>Number format</Menu.Label>
            {NUMBER_FORMATS.map((format) => (
              <Menu.Item
                key={format}
                role="menuitemradio"
                aria-checked={format === column.format}
                onClick={() => props.onChange({ ...column, format })}
              >
                {FORMAT_NAMES[format]}
                {format === column.format && " ✓"}
              </Menu.Item>
            ))}
          </>
        )}
        {!isRun && (
          <>
            <Menu.Divider />
            <Menu.Item color="red" onClick={props.onRemove}>
              Remove column
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Grip({ width, onPreview, onResize }: Pick<HeaderCellProps, "width" | "onPreview" | "onResize">) {
  const onPointerDown = (event: PointerEvent<HTMLSpanElement>) => {
    event.preventDefault();
    event.stopPropagation();
    const grip = event.currentTarget;
    const start = event.clientX;
    grip.setPointerCapture(event.pointerId);
    let last = width;
    const move = ({ clientX }: globalThis.PointerEvent) => {
      last = clamped(width + clientX - start);
      onPreview(last);
    };
    const end = () => {
      // The address is written once, at the end.
      if (last !== width) onResize(last);
      grip.removeEventListener("pointermove", move);
      grip.removeEventListener("pointerup", end);
      grip.removeEventListener("pointercancel", end);
    };
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", end);
    grip.addEventListener("pointercancel", end);
  };
  return (
    <span
      className={styles.grip}
      aria-hidden="true"
      data-testid="column-grip"
      draggable
      onDragStart={(event) => {
        event.preventDefault();
        event.stopPropagation();
      }}
      onPointerDown={onPointerDown}
      onDoubleClick={() => onResize(null)}
    />
  );
}

function clamped(width: number): number {
  return Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width)));
}

export function titleOf({ path, name }: ColumnSpec): string {
  if (name !== "") return name;
  return OWN_COLUMNS[path]?.title ?? (path === NOTES_PATH ? "Notes" : leafOf(path));
}

const CHARACTER_WIDTH = 7.2;

/** As wide as the column is, or as its head and what it holds need. */
export function widthOf(column: ColumnSpec, kind: Kind | undefined): number {
  if (column.width !== null) return column.width;
  const own = OWN_COLUMNS[column.path]?.width;
  if (own !== undefined) return own;
  const above = namespaceOf(column.path).length * 0.9 + (column.measure === "last" ? 0 : column.measure.length);
  const header = Math.max(titleOf(column).length, above) * CHARACTER_WIDTH + 44;
  const smallest = kind !== undefined && (isNumeric(kind) || kind === "bool") ? 104 : 130;
  return Math.round(Math.min(260, Math.max(smallest, header)));
}
