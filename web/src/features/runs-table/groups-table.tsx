/** Runs that have the same at some paths, counted, with the numbers of the table over each group. */

import { Button, CloseButton, TextInput } from "@mantine/core";
import { type CSSProperties, useId, useState } from "react";
import { useColumns } from "#api/queries.ts";
import { ApiError } from "#api/request.ts";
import { useRunGroups } from "#api/run-groups.ts";
import type { RunGroupInfo } from "#api/types.ts";
import { formatCount, parseJsonFloat } from "#base/numbers.ts";
import { condition, withCondition } from "#base/query-completion.ts";
import { isQuery } from "#base/query-text.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { numberText } from "./cells.ts";
import { titleOf } from "./column-shape.ts";
import { type ColumnSpec, columnId, columnOf } from "./column-spec.ts";
import styles from "./groups-table.module.css";

interface GroupsTableProps {
  readonly project: string;
  readonly search: string;
  /** Paths that the runs are grouped by; at least one. */
  readonly by: readonly string[];
  /** Columns that hold numbers: each is averaged over the group. */
  readonly numbers: readonly ColumnSpec[];
  readonly order: string;
  readonly onBy: (by: readonly string[]) => void;
  readonly onOrder: (order: string) => void;
  /** Show the runs of a group: what the filter is then. */
  readonly onOpen: (search: string) => void;
}

/** The server groups by no more. */
const MOST_PATHS = 5;
export const MOST_FIRST = "-count";

export function GroupsTable({ project, search, by, numbers, order, onBy, onOrder, onOpen }: GroupsTableProps) {
  const key = order.replace(/^-/, "");
  const sorted = numbers.find((column) => columnId(column) === key);
  // The server sorts by the first measure.
  const measures = sorted === undefined ? numbers : [sorted, ...numbers.filter((column) => column !== sorted)];
  const sort =
    sorted === undefined ? (key === "key" || key === "count" ? order : MOST_FIRST) : order.replace(key, "mean");
  const { data, error, isPlaceholderData, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useRunGroups(
    project,
    { search, by, measures: measures.map(columnId), sort },
  );
  if (error !== null && data === undefined) {
    return (
      <>
        <Grouping project={project} by={by} onBy={onBy} />
        {/* What is wrong with a query is said beside it. */}
        {!(error instanceof ApiError && error.code === "bad_query") && (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )}
      </>
    );
  }
  const groups = data?.pages.flatMap((page) => page.groups) ?? [];
  const total = data?.pages[0]?.total ?? 0;
  const places = numbers.map((column) => measures.indexOf(column));
  const template = [...by.map(() => "180px"), "80px", ...numbers.map(() => "190px"), "minmax(0, 1fr)"].join(" ");
  const next = (id: string) => (order === `-${id}` ? id : `-${id}`);
  const head = (id: string, title: string, isNumber: boolean) => (
    <Head key={id} id={id} title={title} numeric={isNumber} order={order} onSort={() => onOrder(next(id))} />
  );
  return (
    <>
      <Grouping project={project} by={by} onBy={onBy} />
      {data !== undefined && groups.length === 0 ? (
        <EmptyState title="No run matches the filter">Try fewer or other words.</EmptyState>
      ) : (
        <div className={styles.scroller} role="table" aria-label="Groups of runs" tabIndex={0}>
          <div
            className={styles.grid}
            style={{ "--columns": template } as CSSProperties}
            data-dimmed={isPlaceholderData}
          >
            <div className={styles.head} role="row" tabIndex={-1}>
              {by.map((path, index) =>
                index === 0 ? head("key", titleOf(columnOf(path)), false) : <Plain key={path} path={path} />,
              )}
              {head("count", "Runs", true)}
              {numbers.map((column) => head(columnId(column), meanTitle(column), true))}
            </div>
            {groups.map((group) => (
              <GroupRow
                key={JSON.stringify(group.keys)}
                group={group}
                numbers={numbers}
                places={places}
                {...(search === "" || isQuery(search)
                  ? { onOpen: () => onOpen(groupSearch(search, by, group.keys)) }
                  : {})}
              />
            ))}
          </div>
          {hasNextPage && (
            <div className={styles.more}>
              <Button
                size="compact-xs"
                variant="default"
                loading={isFetchingNextPage}
                onClick={() => void fetchNextPage()}
              >
                Show more of {formatCount(total)} groups
              </Button>
            </div>
          )}
        </div>
      )}
    </>
  );
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

function Plain({ path }: { readonly path: string }) {
  return (
    <div role="columnheader" tabIndex={-1} className={styles.th} title={path}>
      <span className={styles.title}>{titleOf(columnOf(path))}</span>
    </div>
  );
}

interface GroupRowProps {
  readonly group: RunGroupInfo;
  readonly numbers: readonly ColumnSpec[];
  /** Which measure of the answer belongs to each of `numbers`. */
  readonly places: readonly number[];
  readonly onOpen?: () => void;
}

function GroupRow({ group, numbers, places, onOpen }: GroupRowProps) {
  return (
    <div role="row" tabIndex={-1} className={styles.row} data-testid="group-row">
      {group.keys.map((value, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: keys stand in the order of the paths.
        <div key={index} role="cell" className={styles.td}>
          {index === 0 && onOpen !== undefined ? (
            <button type="button" className={styles.open} onClick={onOpen} title="Show the runs of this group">
              {keyText(value)}
            </button>
          ) : (
            <span title={keyText(value)}>{keyText(value)}</span>
          )}
        </div>
      ))}
      <div role="cell" className={styles.td} data-numeric="true">
        {formatCount(group.run_count)}
      </div>
      {numbers.map((column, index) => {
        const measure = group.measures[places[index] ?? -1];
        const text = (number: number | string | null | undefined) => numberText(parseJsonFloat(number), column.format);
        return (
          <div key={columnId(column)} role="cell" className={styles.td} data-numeric="true">
            {measure !== undefined && measure.count > 0 && (
              <span title={`${formatCount(measure.count)} runs have it`}>
                {text(measure.mean)}{" "}
                <span className={styles.range}>
                  {text(measure.min)} … {text(measure.max)}
                </span>
              </span>
            )}
          </div>
        );
      })}
    </div>
  );
}

type Key = RunGroupInfo["keys"][number];

function keyText(value: Key): string {
  if (value === null) return "nothing";
  return Array.isArray(value) ? value.join(", ") || "none" : String(value);
}

/** The filter that finds the runs of a group. */
export function groupSearch(search: string, by: readonly string[], keys: readonly Key[]): string {
  let found = search;
  for (const [index, path] of by.entries()) {
    const value = keys[index] ?? null;
    if (value === null) found = withCondition(found, condition(path, "NOT EXISTS", ""));
    else if (Array.isArray(value)) {
      for (const one of value) found = withCondition(found, condition(path, "CONTAINS", one));
    } else found = withCondition(found, condition(path, "=", String(value)));
  }
  return found;
}

interface GroupingProps {
  readonly project: string;
  readonly by: readonly string[];
  readonly onBy: (by: readonly string[]) => void;
}

function Grouping({ project, by, onBy }: GroupingProps) {
  const list = useId();
  const [path, setPath] = useState("");
  const { data } = useColumns(project, path.trim(), true);
  const add = () => {
    const wanted = path.trim();
    if (wanted !== "" && !by.includes(wanted)) onBy([...by, wanted]);
    setPath("");
  };
  return (
    <div className={styles.grouping} data-testid="grouping">
      Grouped by
      {by.map((one) => (
        <span key={one} className={styles.chip}>
          {one}
          <CloseButton
            size={16}
            aria-label={`Do not group by ${one}`}
            onClick={() => onBy(by.filter((held) => held !== one))}
          />
        </span>
      ))}
      {by.length < MOST_PATHS && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            add();
          }}
        >
          <TextInput
            size="xs"
            aria-label="Group by one more path"
            placeholder="then by…"
            list={list}
            autoComplete="off"
            value={path}
            onChange={(event) => setPath(event.currentTarget.value)}
          />
          <datalist id={list}>
            {["sys/state", ...(data?.columns ?? []).map((column) => column.path)].map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </form>
      )}
      <Button size="compact-xs" variant="default" onClick={() => onBy([])}>
        Back to the runs
      </Button>
    </div>
  );
}
