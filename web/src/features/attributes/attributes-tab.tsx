/** Everything that a run holds, as a tree of paths. */

import { type KeyboardEvent, useEffect, useState } from "react";
import { type Tree, useTree } from "#api/tree.ts";
import type { Change } from "#base/change.ts";
import { formatCount } from "#base/numbers.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { type ToggledView, useToggled } from "#widgets/toggled.ts";
import { useVirtualRows } from "#widgets/virtual-rows.ts";
import { Waiting } from "#widgets/waiting.tsx";
import { WaitingRow } from "#widgets/waiting-row.tsx";
import { AttributeRow, type AttributeTarget } from "./attribute-row.tsx";
import styles from "./attributes-tab.module.css";

interface AttributesTabProps {
  readonly runId: string;
  /** Whether the run goes on, so that series may grow. */
  readonly isLive: boolean;
  readonly view: ToggledView;
  readonly onView: (change: Change<ToggledView>) => void;
  /** Show a series or file on the tab where it belongs. */
  readonly onOpen: (target: AttributeTarget, path: string) => void;
}

const RENEW_MS = 3000;
const ROW_HEIGHT = 28;
/** A run with more attributes than this starts with its outermost folders closed. */
const OPEN_UP_TO = 400;

/** A row by its place, and by its path if that is known: the place changes when others come and go above it. */
interface Active {
  readonly index: number;
  readonly path: string | null;
}

export function AttributesTab({ runId, isLive, view, onView, onOpen }: AttributesTabProps) {
  const search = view.filter ?? "";
  const { toggled, toggle, search: lookFor } = useToggled(view, onView);
  const [active, setActive] = useState<Active | null>(null);
  const tree = useTree(runId, { kinds: [], search, openUpTo: OPEN_UP_TO, toggled }, isLive ? RENEW_MS : null);
  const count = tree.rowCount ?? 0;
  const rows = useVirtualRows({ count, height: ROW_HEIGHT, subject: search, onShow: tree.show });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what another search finds is not what was active.
  useEffect(() => setActive(null), [search]);
  const activeIndex = placeOf(active, tree);
  const activate = (index: number) => setActive({ index, path: tree.rowAt(index)?.path ?? null });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const next = move(event.key, tree, activeIndex, toggle);
    if (next === null) return;
    event.preventDefault();
    activate(next);
    rows.scrollTo(next);
  };
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <SearchInput
          className={styles.filter}
          value={search}
          onChange={lookFor}
          label="Search attributes"
          placeholder="Search paths and values"
          testId="attributes-filter"
        />
        <span className={styles.count} role="status" data-testid="attributes-count">
          {tree.rowCount !== null &&
            `${formatCount(tree.attributeCount)} ${tree.search === "" ? "attributes" : "found"}`}
        </span>
      </div>
      {tree.rowCount === null ? (
        <NoRows tree={tree} />
      ) : count === 0 ? (
        <EmptyState title={tree.search === "" ? "This run has no attributes yet" : "No attribute matches the search"} />
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
            ref={rows.scroller}
            className={styles.scroller}
            role="tree"
            aria-label="Attributes"
            data-rows={count}
            tabIndex={0}
            onKeyDown={onKeyDown}
            {...(activeIndex === null ? {} : { "aria-activedescendant": idOf(activeIndex) })}
          >
            <div role="presentation" className={styles.rows} style={{ height: rows.total }}>
              {rows.items.map(({ index, start }) => {
                const row = tree.rowAt(index);
                if (row === undefined) return <WaitingRow key={index} top={start} height={ROW_HEIGHT} />;
                return (
                  <AttributeRow
                    key={row.path}
                    runId={runId}
                    id={idOf(index)}
                    row={row}
                    top={start}
                    height={ROW_HEIGHT}
                    active={index === activeIndex}
                    onActive={() => activate(index)}
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

function NoRows({ tree: { error, refetch } }: { readonly tree: Tree }) {
  return error === null ? <Waiting /> : <ErrorState error={error} onRetry={refetch} />;
}

function idOf(index: number): string {
  return `attribute-${index}`;
}

function placeOf(active: Active | null, tree: Tree): number | null {
  if (active === null) return null;
  const { index, path } = active;
  return path === null || tree.rowAt(index)?.path === path ? index : (tree.indexOf(path) ?? index);
}

/** The keys of a tree: up, down, right opens or goes in, left closes or goes out. Null for any other key. */
function move(key: string, tree: Tree, at: number | null, toggle: (path: string) => void): number | null {
  const last = (tree.rowCount ?? 0) - 1;
  if (key === "ArrowDown") return Math.min(last, (at ?? -1) + 1);
  if (key === "ArrowUp") return Math.max(0, (at ?? 0) - 1);
  if (key === "Home") return 0;
  if (key === "End") return last;
  const row = at === null ? undefined : tree.rowAt(at);
  if (at === null || row === undefined) return null;
  if (key === "Enter" || key === " ") {
    if (row.expandable) toggle(row.path);
    return at;
  }
  if (key === "ArrowRight" && row.expandable) {
    if (row.expanded) return Math.min(last, at + 1);
    toggle(row.path);
    return at;
  }
  if (key === "ArrowLeft") {
    if (!row.expanded) return row.parent ?? at;
    toggle(row.path);
    return at;
  }
  return null;
}
