/**
 * Runs that have the same at some paths, or of their series, counted, with the numbers of the table over each group.
 *
 * Groups of the second path are inside those of the first, and so on; inside the last are the runs. What is inside is
 * asked for when a group is opened.
 */

import type { CSSProperties, KeyboardEvent } from "react";
import { useLiveGroups } from "#api/run-groups.ts";
import { isQuery } from "#base/query-text.ts";
import { type ColumnSpec, columnId } from "./column-spec.ts";
import { groupId, groupSearch, type Key, keyTitle, MOST_FIRST, turned } from "./group-keys.ts";
import { type Grouped, GroupLevel } from "./group-rows.tsx";
import { Grouping } from "./grouping.tsx";
import styles from "./groups-table.module.css";

interface GroupsTableProps {
  readonly project: string;
  readonly search: string;
  /** Paths, or what stands for series, that the runs are grouped by, from the outermost in; at least one. */
  readonly by: readonly string[];
  /** Columns that hold numbers: each is averaged over the group. */
  readonly numbers: readonly ColumnSpec[];
  readonly order: string;
  /** Groups whose insides are shown. */
  readonly open: readonly string[];
  readonly selected: ReadonlySet<string>;
  /** Selected runs that charts leave out. */
  readonly hidden: ReadonlySet<string>;
  readonly onBy: (by: readonly string[]) => void;
  readonly onOrder: (order: string) => void;
  readonly onOpen: (open: readonly string[]) => void;
  readonly onSelect: (ids: ReadonlySet<string>) => void;
  readonly onHide: (id: string, away: boolean) => void;
  /** Show the runs of a group alone: what the filter is then. */
  readonly onFilter: (search: string) => void;
  readonly onOpenRun: (key: string) => void;
}

export function GroupsTable(props: GroupsTableProps) {
  const { project, search, by, numbers, order, open, selected } = props;
  useLiveGroups(project);
  const key = order.replace(/^-/, "");
  const sorted = numbers.find((column) => columnId(column) === key);
  // The server sorts by the first measure.
  const measures = sorted === undefined ? numbers : [sorted, ...numbers.filter((column) => column !== sorted)];
  const toggleRun = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    props.onSelect(next);
  };
  const grouped: Grouped = {
    project,
    search,
    by,
    numbers,
    measures,
    sort: sorted === undefined ? (key === "key" || key === "count" ? order : MOST_FIRST) : order.replace(key, "mean"),
    runSort: sorted === undefined ? [] : [order],
    open: new Set(open),
    selected,
    hidden: props.hidden,
    onToggle: (id) => props.onOpen(turned(open, id)),
    onSelectRun: toggleRun,
    onHide: props.onHide,
    // Words and a query have one box, which can't hold both.
    onFilter:
      search === "" || isQuery(search) ? (keys: readonly Key[]) => props.onFilter(groupSearch(search, by, keys)) : null,
  };
  const next = (id: string) => (order === `-${id}` ? id : `-${id}`);
  const head = (id: string, title: string, isNumber: boolean) => (
    <Head key={id} title={title} numeric={isNumber} order={order} id={id} onSort={() => props.onOrder(next(id))} />
  );
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const row = rowOf(event.target);
    const isRowOrTable = event.target === event.currentTarget || event.target === row;
    if (!isRowOrTable || event.altKey || event.ctrlKey || event.metaKey) return;
    const { group, run, runKey } = row?.dataset ?? {};
    const isOpen = row?.getAttribute("aria-expanded") === "true";
    if (event.key === "ArrowRight" && group !== undefined && !isOpen) grouped.onToggle(group);
    else if (event.key === "ArrowLeft" && group !== undefined && isOpen) grouped.onToggle(group);
    else if ((event.key === "Enter" || event.key === " ") && group !== undefined) grouped.onToggle(group);
    else if (event.key === "Enter" && runKey !== undefined) props.onOpenRun(runKey);
    else if (event.key === " " && run !== undefined) toggleRun(run);
    else if (event.key === "h" && run !== undefined && selected.has(run)) props.onHide(run, !props.hidden.has(run));
    else if (event.key === "f" && group !== undefined) grouped.onFilter?.(JSON.parse(group) as Key[]);
    else if (!moveFocus(event.currentTarget, row, event.key)) return;
    event.preventDefault();
  };
  const columns = ["min(340px, 54vw)", "104px", ...numbers.map(() => "190px"), "minmax(0, 1fr)"].join(" ");
  return (
    <>
      <Grouping project={project} by={by} onBy={props.onBy} />
      <div
        className={styles.scroller}
        role="treegrid"
        aria-label="Groups of runs"
        aria-multiselectable="true"
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div className={styles.grid} style={{ "--columns": columns } as CSSProperties}>
          <div className={styles.head} role="row" tabIndex={-1}>
            {head("key", by.map(keyTitle).join(" › "), false)}
            {head("count", "Runs", true)}
            {numbers.map((column) => head(columnId(column), meanTitle(column), true))}
          </div>
          <GroupLevel key={groupId([])} grouped={grouped} keys={[]} />
        </div>
      </div>
    </>
  );
}

const ROWS = "[data-line]";
const PAGE = 15;
const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: PAGE,
  PageUp: -PAGE,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

function rowOf(target: EventTarget): HTMLElement | null {
  return target instanceof HTMLElement ? target.closest<HTMLElement>(ROWS) : null;
}

/** Put the focus on another row; false if the key means none. To the right is the first inside, to the left outside. */
function moveFocus(table: HTMLElement, row: HTMLElement | null, key: string): boolean {
  const rows = [...table.querySelectorAll<HTMLElement>(ROWS)];
  const at = row === null ? -1 : rows.indexOf(row);
  let target: HTMLElement | undefined;
  if (key === "ArrowLeft") {
    target = rows
      .slice(0, Math.max(at, 0))
      .findLast((each) => each.ariaLevel !== null && row !== null && each.ariaLevel < (row.ariaLevel ?? ""));
  } else {
    // Inside a run there is nothing to go to.
    const step = key === "ArrowRight" ? Number(row?.ariaExpanded === "true") : STEPS[key];
    if (step === undefined) return false;
    target = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
  }
  target?.focus();
  return true;
}

function meanTitle(column: ColumnSpec): string {
  return `${column.name === "" ? columnId(column) : column.name}, mean`;
}

interface HeadProps {
  readonly id: string;
  readonly title: string;
  readonly numeric: boolean;
  readonly order: string;
  readonly onSort: () => void;
}

function Head({ id, title, numeric, order, onSort }: HeadProps) {
  const direction = order === id ? "ascending" : order === `-${id}` ? "descending" : "none";
  return (
    <div role="columnheader" tabIndex={-1} aria-sort={direction} className={styles.th} data-numeric={numeric}>
      <button type="button" className={styles.sort} title={title} onClick={onSort}>
        <span className={styles.title}>{title}</span>
        {direction !== "none" && <span aria-hidden="true">{direction === "ascending" ? "↑" : "↓"}</span>}
      </button>
    </div>
  );
}
