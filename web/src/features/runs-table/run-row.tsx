/** One row of the table. */

import type { CSSProperties } from "react";
import type { RunRow as Row } from "#api/types.ts";
import { PencilIcon } from "#widgets/icons.tsx";
import { CellEditor, isEditableCell } from "./cell-editor.tsx";
import { type ColumnSpec, columnId, NOTES_PATH, RUN_PATH, TAGS_PATH } from "./column-spec.ts";
import { RunCell } from "./run-cell.tsx";
import styles from "./runs-table.module.css";
import { TableCell } from "./table-cell.tsx";

interface RunRowProps {
  readonly row: Row;
  /** From 0, among all that are loaded. */
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly columns: readonly ColumnSpec[];
  /** Where each pinned column sticks; null for one that scrolls away. */
  readonly lefts: readonly (string | null)[];
  readonly numeric: readonly boolean[];
  readonly slot: number;
  readonly selected: boolean;
  /** Whether charts leave the run out. */
  readonly hidden: boolean;
  /** The column that one is at; null in all rows but one. */
  readonly active: number | null;
  /** The column that is edited. */
  readonly editing: number | null;
  readonly onSelect: (toRange: boolean) => void;
  readonly onHide: (away: boolean) => void;
  readonly onOpen: () => void;
  readonly onEdit: (column: number) => void;
  readonly onStopEditing: () => void;
  readonly onEdited: () => void;
}

const EDITED: Readonly<Record<string, string>> = {
  [RUN_PATH]: "the name",
  [TAGS_PATH]: "the tags",
  [NOTES_PATH]: "the notes",
};

export function RunRow(props: RunRowProps) {
  const { row, index, columns, selected, active } = props;
  const { run } = row;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around the rows takes the keys.
    <div
      id={`run-${run.id}`}
      className={styles.row}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-active={active !== null}
      data-testid="run-row"
      data-run-key={run.key}
      style={{ transform: `translateY(${props.top}px)`, height: props.height }}
      onClick={(event) => {
        // The key is a link of its own, which also opens new tabs.
        if (event.target instanceof Element && event.target.closest("a, button, input") !== null) return;
        if (event.ctrlKey || event.metaKey || event.shiftKey) props.onSelect(event.shiftKey);
        else props.onOpen();
      }}
    >
      {columns.map((column, at) => {
        const left = props.lefts[at] ?? null;
        const shown =
          column.path === RUN_PATH ? (
            <RunCell
              run={run}
              slot={props.slot}
              selected={selected}
              hidden={props.hidden}
              onSelect={props.onSelect}
              onHide={props.onHide}
            />
          ) : (
            <TableCell row={row} column={column} />
          );
        return (
          <div
            key={columnId(column)}
            id={cellId(run.id, at)}
            role="gridcell"
            tabIndex={-1}
            aria-colindex={at + 1}
            className={styles.td}
            data-numeric={props.numeric[at]}
            data-pinned={left !== null}
            data-here={active === at}
            data-column={columnId(column)}
            style={left === null ? {} : ({ "--left": left } as CSSProperties)}
          >
            {props.editing === at ? (
              <CellEditor row={row} path={column.path} onClose={props.onStopEditing} onEdited={props.onEdited}>
                {shown}
              </CellEditor>
            ) : (
              shown
            )}
            {isEditableCell(row, column.path) && (
              <button
                type="button"
                className={styles.edit}
                data-value={!(column.path in EDITED)}
                tabIndex={-1}
                aria-label={`Edit ${EDITED[column.path] ?? column.path} of ${run.key}`}
                onClick={() => props.onEdit(at)}
              >
                <PencilIcon size={12} />
              </button>
            )}
          </div>
        );
      })}
    </div>
  );
}

export function cellId(runId: string, column: number): string {
  return `cell-${runId}-${column}`;
}
