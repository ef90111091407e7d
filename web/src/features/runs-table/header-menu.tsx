/** What can be done with a column beside sorting by it. */

import { Menu } from "@mantine/core";
import { useState } from "react";
import { BestStepDialog } from "./best-step.tsx";
import { clamped } from "./column-shape.ts";
import {
  type ColumnSpec,
  columnId,
  FORMAT_NAMES,
  MEASURE_NAMES,
  MEASURES,
  NUMBER_FORMATS,
  RUN_PATH,
} from "./column-spec.ts";
import styles from "./runs-table.module.css";

export const KEY_RESIZE = 20;
/** Hardly two runs have the same there. */
const UNGROUPED: readonly string[] = [RUN_PATH, "sys/creation_time", "sys/running_time"];

interface HeaderMenuProps {
  readonly project: string;
  readonly column: ColumnSpec;
  readonly numeric: boolean;
  readonly width: number;
  readonly onOrder: (descending: boolean) => void;
  readonly onGroup: () => void;
  readonly onChange: (column: ColumnSpec) => void;
  readonly onRemove: () => void;
  readonly onMove: (steps: number) => void;
  readonly onResize: (width: number | null) => void;
  readonly sortable: boolean;
  readonly isSeries: boolean;
  readonly onRename: () => void;
}

export function HeaderMenu(props: HeaderMenuProps) {
  const { column, numeric, sortable, isSeries, width } = props;
  const isRun = column.path === RUN_PATH;
  const groupable = !UNGROUPED.includes(column.path);
  const [choosing, setChoosing] = useState(false);
  const hasNumbers = numeric && column.path !== "sys/running_time";
  return (
    <>
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
          {groupable && <Menu.Item onClick={props.onGroup}>Group by this</Menu.Item>}
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
                  aria-checked={column.at === null && measure === column.measure}
                  onClick={() => props.onChange({ ...column, measure, at: null })}
                >
                  {MEASURE_NAMES[measure]}
                  {column.at === null && measure === column.measure && " ✓"}
                </Menu.Item>
              ))}
              <Menu.Item role="menuitemradio" aria-checked={column.at !== null} onClick={() => setChoosing(true)}>
                At the best step of…{column.at !== null && " ✓"}
              </Menu.Item>
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
              <Menu.Item c="var(--bad)" onClick={props.onRemove}>
                Remove column
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {choosing && (
        <BestStepDialog
          project={props.project}
          column={column}
          onClose={() => setChoosing(false)}
          onChoose={(at) => props.onChange({ ...column, measure: "last", at })}
        />
      )}
    </>
  );
}
