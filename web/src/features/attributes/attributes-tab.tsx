/** Everything that a run holds, as a tree of paths. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { AttributeInfo } from "#api/types.ts";
import { formatCount } from "#base/numbers.ts";
import { matchesSearch } from "#base/path.ts";
import { buildTree, flattenTree, type TreeRow } from "#base/tree.ts";
import { EmptyState } from "#widgets/empty-state.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { useToggled } from "#widgets/toggled.ts";
import { AttributeRow, type AttributeTarget } from "./attribute-row.tsx";
import styles from "./attributes-tab.module.css";

export interface AttributesView {
  readonly filter?: string | undefined;
}

interface AttributesTabProps {
  readonly runId: string;
  readonly attributes: readonly AttributeInfo[];
  /** Whether these are all, and no more are on their way. */
  readonly isWhole: boolean;
  readonly view: AttributesView;
  readonly onView: (patch: AttributesView) => void;
  /** Show a series or file on the tab where it belongs. */
  readonly onOpen: (target: AttributeTarget, path: string) => void;
}

const ROW_HEIGHT = 28;
/** A run with more attributes than this starts with its outermost folders closed. */
const OPEN_AT_MOST = 400;

export function AttributesTab({ runId, attributes, isWhole, view, onView, onOpen }: AttributesTabProps) {
  const filter = view.filter ?? "";
  const [toggled, toggle] = useToggled(filter);
  const [active, setActive] = useState<string | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const openByDefault = filter !== "" || attributes.length <= OPEN_AT_MOST;
  const rows = useMemo(() => {
    const shown = filter === "" ? attributes : attributes.filter((one) => matchesAttribute(one, filter));
    return flattenTree(
      buildTree(shown, ({ path }) => path),
      (path) => openByDefault !== toggled.has(path),
    );
  }, [attributes, filter, toggled, openByDefault]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 16,
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const at = rows.findIndex(({ node }) => node.path === active);
    const next = move(event.key, rows, at, toggle);
    if (next === null) return;
    event.preventDefault();
    setActive(rows[next]?.node.path ?? null);
    virtual.scrollToIndex(next);
  };
  const matches = rows.filter(({ node }) => node.item !== null).length;
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <SearchInput
          className={styles.filter}
          value={filter}
          onChange={(text) => onView({ filter: text || undefined })}
          label="Search attributes"
          placeholder="Search paths and values"
          testId="attributes-filter"
        />
        <span className={styles.count} role="status" data-testid="attributes-count">
          {filter === "" ? `${formatCount(attributes.length)} attributes` : `${formatCount(matches)} found`}
          {isWhole ? "" : " so far"}
        </span>
      </div>
      {rows.length === 0 ? (
        <EmptyState title={filter === "" ? "This run has no attributes yet" : "No attribute matches the search"} />
      ) : (
        <>
          <div className={styles.columns} aria-hidden="true">
            <span>Path</span>
            <span>Type</span>
            <span>Value, or last of a series</span>
            <span className={styles.extreme}>Min</span>
            <span className={styles.extreme}>Max</span>
          </div>
          <div
            ref={scroller}
            className={styles.scroller}
            role="tree"
            aria-label="Attributes"
            tabIndex={0}
            onKeyDown={onKeyDown}
            {...(active === null ? {} : { "aria-activedescendant": `attribute-${active}` })}
          >
            <div role="presentation" className={styles.rows} style={{ height: virtual.getTotalSize() }}>
              {virtual.getVirtualItems().map((item) => {
                const row = rows[item.index];
                if (row === undefined) return null;
                return (
                  <AttributeRow
                    key={row.node.path}
                    runId={runId}
                    row={row}
                    top={item.start}
                    height={ROW_HEIGHT}
                    active={row.node.path === active}
                    onActive={setActive}
                    onToggle={toggle}
                    onOpen={onOpen}
                  />
                );
              })}
            </div>
          </div>
        </>
      )}
    </div>
  );
}

/** The keys of a tree: up, down, right opens or goes in, left closes or goes out. Null for any other key. */
function move(
  key: string,
  rows: readonly TreeRow<AttributeInfo>[],
  at: number,
  toggle: (path: string) => void,
): number | null {
  const row = rows[at];
  const last = rows.length - 1;
  if (key === "ArrowDown") return Math.min(last, at + 1);
  if (key === "ArrowUp") return Math.max(0, at - 1);
  if (key === "Home") return 0;
  if (key === "End") return last;
  if (row === undefined) return null;
  if (key === "Enter" || key === " ") {
    if (row.expandable) toggle(row.node.path);
    return at;
  }
  if (key === "ArrowRight" && row.expandable) {
    if (row.expanded) return Math.min(last, at + 1);
    toggle(row.node.path);
    return at;
  }
  if (key === "ArrowLeft") {
    if (row.expanded) {
      toggle(row.node.path);
      return at;
    }
    for (let above = at - 1; above >= 0; above -= 1) if ((rows[above]?.depth ?? 0) < row.depth) return above;
    return at;
  }
  return null;
}

function matchesAttribute({ path, value }: AttributeInfo, filter: string): boolean {
  return matchesSearch(value === null || value === undefined ? path : `${path} ${String(value)}`, filter);
}
