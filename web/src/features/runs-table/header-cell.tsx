/** The head of one column: sorts, and is dragged to another place or width; its menu does the rest. */

import {
  type CSSProperties,
  type DragEvent,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useState,
} from "react";
import type { Kind } from "#api/types.ts";
import { namespaceOf } from "#base/path.ts";
import { clamped, titleOf } from "./column-shape.ts";
import { type ColumnSpec, columnId, measureText, NOTES_PATH, OWN_COLUMNS, RUN_PATH } from "./column-spec.ts";
import { HeaderMenu, KEY_RESIZE } from "./header-menu.tsx";
import styles from "./runs-table.module.css";

export interface HeaderCellProps {
  readonly project: string;
  readonly column: ColumnSpec;
  readonly kind: Kind | undefined;
  readonly width: number;
  readonly numeric: boolean;
  readonly direction: "ascending" | "descending" | "none";
  /** Which key of several it is, from 1; null if there are no others. */
  readonly rank: number | null;
  readonly left: string | null;
  /** What stands before the title. */
  readonly leading?: ReactNode;
  readonly onSort: (beside: boolean) => void;
  readonly onOrder: (descending: boolean) => void;
  readonly onGroup: () => void;
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

/** The server has no order for these. */
const UNSORTABLE: readonly string[] = ["sys/tags"];

export function HeaderCell(props: HeaderCellProps) {
  const { column, kind, width, numeric, direction, rank, left } = props;
  const [renaming, setRenaming] = useState(false);
  const [over, setOver] = useState(false);
  const isRun = column.path === RUN_PATH;
  const sortable = !UNSORTABLE.includes(column.path);
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
      {props.leading}
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
  const above = [measureText(column), namespace && `${namespace}/`];
  const small = column.name === "" ? above.filter((part) => part !== "").join(" ") : "";
  return (
    <span className={styles.path}>
      {small !== "" && <span className={styles.namespace}>{small}</span>}
      <span className={styles.leaf}>{title}</span>
    </span>
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
