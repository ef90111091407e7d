/** The rows of grouped runs: the groups of one level, what is inside those that are open, and the runs of the last. */

import { Button } from "@mantine/core";
import type { CSSProperties, ReactNode } from "react";
import { ApiError } from "#api/request.ts";
import { groupParameter, useRunGroups, useRunsOfGroup } from "#api/run-groups.ts";
import type { RunGroupInfo } from "#api/types.ts";
import { formatCount, parseJsonFloat } from "#base/numbers.ts";
import { ownSlot } from "#base/run-color.ts";
import { EmptyState } from "#widgets/empty-state.tsx";
import { NextIcon } from "#widgets/icons.tsx";
import { StatusBadge } from "#widgets/status-badge.tsx";
import { columnText, numberText } from "./cells.ts";
import { type ColumnSpec, columnId, isPicked, NOTES_PATH } from "./column-spec.ts";
import { groupId, type Key, keyText, keyTitle } from "./group-keys.ts";
import styles from "./groups-table.module.css";
import { RunCell } from "./run-cell.tsx";

/** What all rows of the table have in common. */
export interface Grouped {
  readonly project: string;
  readonly search: string;
  readonly by: readonly string[];
  readonly numbers: readonly ColumnSpec[];
  /** The same as `numbers`, in the order that the server is asked in. */
  readonly measures: readonly ColumnSpec[];
  readonly sort: string;
  /** The order of runs inside a group; empty is the newest first. */
  readonly runSort: readonly string[];
  readonly open: ReadonlySet<string>;
  readonly selected: ReadonlySet<string>;
  readonly hidden: ReadonlySet<string>;
  readonly onToggle: (id: string) => void;
  readonly onSelectRun: (id: string) => void;
  readonly onHide: (id: string, away: boolean) => void;
  readonly onFilter: ((keys: readonly Key[]) => void) | null;
}

interface LevelProps {
  readonly grouped: Grouped;
  /** The keys of the groups that these are inside of. */
  readonly keys: readonly Key[];
}

export function GroupLevel({ grouped, keys }: LevelProps) {
  const { project, search, by, measures, sort, open } = grouped;
  const { data, error, refetch, isPlaceholderData, hasNextPage, isFetchingNextPage, fetchNextPage } = useRunGroups(
    project,
    {
      search,
      by: by[keys.length] ?? "",
      within: parameters(by, keys),
      measures: measures.map(columnId),
      sort,
    },
  );
  if (data === undefined) {
    return <Pending level={keys.length} error={error} onRetry={() => void refetch()} />;
  }
  const groups = data.pages.flatMap((page) => page.groups);
  const total = data.pages[0]?.total ?? 0;
  if (groups.length === 0 && keys.length === 0) {
    return <EmptyState title="No run matches the filter">Try fewer or other words.</EmptyState>;
  }
  return (
    <>
      {groups.map((group) => {
        const own = [...keys, group.keys[0] ?? null];
        const id = groupId(own);
        const isOpen = open.has(id);
        return (
          <Inside key={id}>
            <GroupRow grouped={grouped} group={group} keys={own} isOpen={isOpen} dimmed={isPlaceholderData} />
            {isOpen &&
              (own.length < by.length ? (
                <GroupLevel grouped={grouped} keys={own} />
              ) : (
                <RunsOfGroup grouped={grouped} keys={own} />
              ))}
          </Inside>
        );
      })}
      {hasNextPage && (
        <More level={keys.length} loading={isFetchingNextPage} onMore={() => void fetchNextPage()}>
          Show more of {formatCount(total)} groups
        </More>
      )}
    </>
  );
}

/** A group and what is inside it, under one key. */
function Inside({ children }: { readonly children: ReactNode }) {
  return children;
}

function parameters(by: readonly string[], keys: readonly Key[]): string[] {
  return keys.map((key, index) => groupParameter(by[index] ?? "", key));
}

function indent(level: number): CSSProperties {
  return { "--level": level } as CSSProperties;
}

interface GroupRowProps {
  readonly grouped: Grouped;
  readonly group: RunGroupInfo;
  readonly keys: readonly Key[];
  readonly isOpen: boolean;
  readonly dimmed: boolean;
}

function GroupRow({ grouped, group, keys, isOpen, dimmed }: GroupRowProps) {
  const { by, numbers, measures, onFilter } = grouped;
  const id = groupId(keys);
  const level = keys.length - 1;
  const name = keyText(keys[level] ?? null);
  const count = formatCount(group.run_count);
  return (
    <div
      role="row"
      tabIndex={-1}
      aria-level={level + 1}
      aria-expanded={isOpen}
      className={styles.row}
      data-line
      data-group={id}
      data-testid="group-row"
      data-dimmed={dimmed}
      style={indent(level)}
    >
      <div role="gridcell" tabIndex={-1} className={styles.td}>
        <button type="button" className={styles.toggle} tabIndex={-1} onClick={() => grouped.onToggle(id)}>
          <span className={styles.chevron} data-open={isOpen}>
            <NextIcon size={12} />
          </span>
          {by.length > 1 && (
            <span className={styles.path} title={by[level]}>
              {keyTitle(by[level] ?? "")}
            </span>
          )}
          <span className={styles.name} title={name}>
            {name}
          </span>
        </button>
      </div>
      <div role="gridcell" tabIndex={-1} className={styles.td} data-numeric="true">
        {onFilter === null ? (
          count
        ) : (
          <button
            type="button"
            className={styles.count}
            tabIndex={-1}
            title="Show these runs alone"
            aria-label={`Show the runs of ${name} alone: ${count}`}
            onClick={() => onFilter(keys)}
          >
            {count}
          </button>
        )}
      </div>
      {numbers.map((column) => {
        const measure = group.measures[measures.indexOf(column)];
        const text = (number: number | string | null | undefined) => numberText(parseJsonFloat(number), column.format);
        return (
          <div key={columnId(column)} role="gridcell" tabIndex={-1} className={styles.td} data-numeric="true">
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

function RunsOfGroup({ grouped, keys }: LevelProps) {
  const { project, search, by, numbers, runSort, selected, hidden } = grouped;
  const paths = [...new Set(numbers.map(({ path }) => path))];
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useRunsOfGroup(project, {
    search,
    sort: runSort,
    // No path at all would leave the choice to the server.
    columns: paths.length === 0 ? [NOTES_PATH] : paths,
    picks: numbers.filter(isPicked).map(columnId),
    trashed: false,
    within: parameters(by, keys),
  });
  const level = keys.length;
  if (data === undefined) return <Pending level={level} error={error} onRetry={() => void refetch()} />;
  const total = data.pages[0]?.total ?? 0;
  return (
    <>
      {data.pages
        .flatMap((page) => page.rows)
        .map((row) => [row, row.run] as const)
        .map(([row, run]) => (
          <div
            key={run.id}
            role="row"
            tabIndex={-1}
            aria-level={level + 1}
            aria-selected={selected.has(run.id)}
            className={styles.row}
            data-line
            data-run={run.id}
            data-run-key={run.key}
            data-testid="grouped-run"
            style={indent(level)}
          >
            <div role="gridcell" tabIndex={-1} className={styles.td}>
              <RunCell
                run={run}
                slot={ownSlot(run.id)}
                selected={selected.has(run.id)}
                hidden={hidden.has(run.id)}
                onSelect={() => grouped.onSelectRun(run.id)}
                onHide={(away) => grouped.onHide(run.id, away)}
              />
            </div>
            <div role="gridcell" tabIndex={-1} className={styles.td}>
              <StatusBadge status={run.status} />
            </div>
            {numbers.map((column) => (
              <div key={columnId(column)} role="gridcell" tabIndex={-1} className={styles.td} data-numeric="true">
                <span>{columnText(row, column)}</span>
              </div>
            ))}
          </div>
        ))}
      {hasNextPage && (
        <More level={level} loading={isFetchingNextPage} onMore={() => void fetchNextPage()}>
          Show more of {formatCount(total)} runs
        </More>
      )}
    </>
  );
}

interface PendingProps {
  readonly level: number;
  readonly error: Error | null;
  readonly onRetry: () => void;
}

function Pending({ level, error, onRetry }: PendingProps) {
  // What is wrong with a query is said beside it.
  if (error instanceof ApiError && error.code === "bad_query") return null;
  return (
    <div role="row" tabIndex={-1} className={styles.row} style={indent(level)}>
      <div role="gridcell" tabIndex={-1} className={styles.note}>
        {error === null ? (
          "Loading…"
        ) : (
          <span role="alert">
            {error.message}{" "}
            <Button size="compact-xs" variant="default" onClick={onRetry}>
              Try again
            </Button>
          </span>
        )}
      </div>
    </div>
  );
}

interface MoreProps {
  readonly level: number;
  readonly loading: boolean;
  readonly onMore: () => void;
  readonly children: ReactNode;
}

function More({ level, loading, onMore, children }: MoreProps) {
  return (
    <div role="row" tabIndex={-1} className={styles.row} style={indent(level)}>
      <div role="gridcell" tabIndex={-1} className={styles.note}>
        <Button size="compact-xs" variant="default" loading={loading} onClick={onMore}>
          {children}
        </Button>
      </div>
    </div>
  );
}
