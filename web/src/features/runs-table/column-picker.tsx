/** Chooses which attributes are columns, and in which order: found by search, dragged, or moved by keys. */

import { ActionIcon, Button, Checkbox, Popover, ScrollArea } from "@mantine/core";
import { useRef, useState } from "react";
import { useColumns } from "#api/queries.ts";
import { formatCount } from "#base/numbers.ts";
import { ColumnsIcon, DownIcon, UpIcon } from "#widgets/icons.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import styles from "./column-picker.module.css";
import { titleOf } from "./column-shape.ts";
import { type ColumnSpec, columnId, columnOf, moved, NOTES_PATH, OWN_COLUMNS, RUN_PATH } from "./column-spec.ts";
import { knownPaths } from "./known-paths.ts";

interface ColumnPickerProps {
  readonly project: string;
  /** The columns now, chosen by hand or by the server. */
  readonly columns: readonly ColumnSpec[];
  /** Whether they were chosen by hand. */
  readonly chosen: boolean;
  /** Undefined leaves the choice to the server. */
  readonly onChange: (columns: readonly ColumnSpec[] | undefined) => void;
}

/** What every run can have, though the list of attributes does not name all of it. */
const ALWAYS: readonly string[] = [...Object.keys(OWN_COLUMNS), NOTES_PATH];

export function ColumnPicker({ project, columns, chosen, onChange }: ColumnPickerProps) {
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState("");
  const dragged = useRef<number | null>(null);
  const { data, isPending } = useColumns(project, search, open);
  const fits = (text: string) => text.toLowerCase().includes(search.toLowerCase());
  const paths = new Set(columns.map(({ path }) => path));
  const own = ALWAYS.filter((path) => !paths.has(path) && (fits(path) || fits(titleOf(columnOf(path)))));
  const found = knownPaths(data?.columns ?? []).filter(({ path }) => !paths.has(path) && !ALWAYS.includes(path));
  const matching = columns.flatMap((column, index) =>
    column.path !== RUN_PATH && (fits(column.path) || fits(column.name)) ? [{ column, index }] : [],
  );
  const add = (path: string) => onChange([...columns, columnOf(path)]);
  const remove = (index: number) => onChange(columns.filter((_, at) => at !== index));
  const move = (from: number, to: number) => onChange(moved(columns, from, to));
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position="bottom-end"
      width={360}
      trapFocus
      shadow="md"
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          leftSection={<ColumnsIcon size={14} />}
          onClick={() => setOpen(!open)}
          data-testid="column-picker"
        >
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={8} aria-label="Columns" maw="calc(100vw - 16px)">
        <SearchInput value={search} onChange={setSearch} label="Search attributes" testId="column-search" />
        <ScrollArea.Autosize mah="55vh" mt={8} viewportProps={{ tabIndex: 0, "aria-label": "Attributes" }}>
          {matching.map(({ column, index }) => (
            <Shown
              key={columnId(column)}
              column={column}
              first={index === 1}
              last={index === columns.length - 1}
              onRemove={() => remove(index)}
              onMove={(steps) => move(index, index + steps)}
              onDrag={() => {
                dragged.current = index;
              }}
              onDrop={() => {
                if (dragged.current !== null) move(dragged.current, index);
                dragged.current = null;
              }}
            />
          ))}
          {(own.length > 0 || found.length > 0) && <div className={styles.rule}>Add</div>}
          {own.map((path) => (
            <div key={path} className={styles.choice} title={path}>
              <Checkbox size="xs" label={titleOf(columnOf(path))} checked={false} onChange={() => add(path)} />
            </div>
          ))}
          {found.map(({ path, runCount }) => (
            <div key={path} className={styles.choice} title={path}>
              <Checkbox
                className={styles.label}
                size="xs"
                label={path}
                checked={false}
                onChange={() => add(path)}
                data-testid="column-choice"
              />
              <span className={styles.runs}>
                {formatCount(runCount)} {runCount === 1 ? "run" : "runs"}
              </span>
            </div>
          ))}
          {!isPending && found.length === 0 && own.length === 0 && matching.length === 0 && (
            <p className={styles.nothing}>No run of this project has such an attribute.</p>
          )}
        </ScrollArea.Autosize>
        <div className={styles.foot}>
          <span>Drag to reorder</span>
          <Button size="compact-xs" variant="subtle" disabled={!chosen} onClick={() => onChange(undefined)}>
            Choose for me
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

interface ShownProps {
  readonly column: ColumnSpec;
  readonly first: boolean;
  readonly last: boolean;
  readonly onRemove: () => void;
  readonly onMove: (steps: number) => void;
  readonly onDrag: () => void;
  readonly onDrop: () => void;
}

function Shown({ column, first, last, onRemove, onMove, onDrag, onDrop }: ShownProps) {
  const [over, setOver] = useState(false);
  const id = columnId(column);
  const hasTitle = ALWAYS.includes(column.path) || column.name !== "";
  const label = hasTitle ? titleOf(column) : id;
  return (
    <div
      className={styles.choice}
      role="group"
      aria-label={label}
      title={id}
      data-over={over}
      data-testid="column-shown"
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData("text/plain", id);
        onDrag();
      }}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onDrop();
      }}
    >
      <Checkbox className={styles.label} size="xs" label={label} checked onChange={onRemove} />
      <ActionIcon
        size={20}
        variant="subtle"
        color="gray"
        aria-label={`Move ${id} up`}
        disabled={first}
        onClick={() => onMove(-1)}
      >
        <UpIcon size={12} />
      </ActionIcon>
      <ActionIcon
        size={20}
        variant="subtle"
        color="gray"
        aria-label={`Move ${id} down`}
        disabled={last}
        onClick={() => onMove(1)}
      >
        <DownIcon size={12} />
      </ActionIcon>
    </div>
  );
}
