/** The files of a run's source code as a tree, of which only the rows on the screen are asked for. */

import { useSourceTree } from "#api/source.ts";
import type { Run } from "#api/types.ts";
import type { Change } from "#base/change.ts";
import { formatBytes, formatCount } from "#base/numbers.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { FolderRow } from "#widgets/folder-row.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { type ToggledView, useToggled } from "#widgets/toggled.ts";
import { useVirtualRows } from "#widgets/virtual-rows.ts";
import { WaitingRow } from "#widgets/waiting-row.tsx";
import styles from "./code-tab.module.css";

interface SourceTreeProps {
  readonly run: Run;
  /** The folder that they are in. */
  readonly below: string;
  readonly selected: string | undefined;
  readonly view: ToggledView;
  readonly onView: (change: Change<ToggledView>) => void;
  readonly onOpen: (path: string) => void;
}

const ROW_HEIGHT = 26;
/** Of a longer list a part is shown, which scrolls. */
const MOST_ROWS_HIGH = 18;
/** Fewer files are found by looking. */
const SEARCHED_FROM = 12;

export function SourceTree({ run, below, selected, view, onView, onOpen }: SourceTreeProps) {
  const search = view.filter ?? "";
  const { toggled, toggle, search: lookFor } = useToggled(view, onView);
  const { rowCount, attributeCount, rowAt, show, error, refetch } = useSourceTree(run.id, below, search, toggled);
  const { scroller, items, total } = useVirtualRows({
    count: rowCount ?? 0,
    height: ROW_HEIGHT,
    subject: search,
    onShow: show,
  });
  return (
    <>
      <h2 className={styles.heading}>
        Files <span className={styles.count}>{rowCount === null ? "" : formatCount(attributeCount)}</span>
      </h2>
      {(attributeCount > SEARCHED_FROM || search !== "") && (
        <SearchInput
          className={styles.filter}
          value={search}
          onChange={lookFor}
          label="Find files"
          testId="code-filter"
        />
      )}
      {error !== null && <ErrorState error={error} onRetry={refetch} />}
      {error === null && rowCount === 0 && <EmptyState title="No file matches" />}
      <div
        ref={scroller}
        className={styles.files}
        style={{ height: ROW_HEIGHT * Math.min(MOST_ROWS_HIGH, rowCount ?? 0) }}
        role="region"
        aria-label="Files"
        tabIndex={0}
      >
        <div className={styles.rows} style={{ height: total }}>
          {items.map(({ index, start }) => {
            const row = rowAt(index);
            if (row === undefined) return <WaitingRow key={index} top={start} height={ROW_HEIGHT} />;
            const { path, name, depth, expandable, expanded, size, attribute } = row;
            return (
              <FolderRow
                key={path}
                {...{ path, name, depth, expandable, expanded, size }}
                held={attribute?.file == null ? null : { fact: formatBytes(attribute.file.size), title: path }}
                selected={path === selected}
                top={start}
                height={ROW_HEIGHT}
                testId="code-file"
                onToggle={toggle}
                onOpen={onOpen}
              />
            );
          })}
        </div>
      </div>
    </>
  );
}
