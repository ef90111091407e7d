/** Files of a run: a tree, and a look into the one that is selected. Folders are downloaded as archives. */

import { Button } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { zipAddress } from "#api/request.ts";
import type { AttributeInfo, Run } from "#api/types.ts";
import { formatBytes, formatCount } from "#base/numbers.ts";
import { matchesSearch } from "#base/path.ts";
import { buildTree, flattenTree } from "#base/tree.ts";
import { EmptyState } from "#widgets/empty-state.tsx";
import { DownloadIcon } from "#widgets/icons.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { useToggled } from "#widgets/toggled.ts";
import { FilePreview } from "./file-preview.tsx";
import { type FileAttribute, FileRow } from "./file-row.tsx";
import styles from "./files-tab.module.css";

export interface FilesView {
  readonly filter?: string | undefined;
  readonly path?: string | undefined;
}

interface FilesTabProps {
  readonly run: Run;
  readonly attributes: readonly AttributeInfo[];
  readonly view: FilesView;
  readonly onView: (patch: FilesView) => void;
}

const ROW_HEIGHT = 28;
/** With more files than this, folders are closed at first. */
const OPEN_AT_MOST = 200;

export function FilesTab({ run, attributes, view, onView }: FilesTabProps) {
  const filter = view.filter ?? "";
  const files = useMemo<FileAttribute[]>(
    () => attributes.flatMap(({ path, file }) => (file ? [{ path, file }] : [])),
    [attributes],
  );
  const [toggled, toggle] = useToggled(filter);
  const scroller = useRef<HTMLDivElement>(null);
  const openByDefault = filter !== "" || files.length <= OPEN_AT_MOST;
  const rows = useMemo(() => {
    const shown = files.filter(({ path, file }) => matchesSearch(`${path} ${file.filename}`, filter));
    return flattenTree(
      buildTree(shown, ({ path }) => path),
      (path) => openByDefault !== toggled.has(path),
    );
  }, [files, filter, toggled, openByDefault]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 16,
  });
  if (files.length === 0) {
    return (
      <EmptyState title="No files yet">
        Upload one with <code>run["model"].upload("model.pt")</code>.
      </EmptyState>
    );
  }
  const selected = files.find(({ path }) => path === view.path);
  return (
    <div className={styles.page} data-open={selected !== undefined}>
      <div className={styles.side}>
        <div className={styles.bar}>
          <SearchInput
            className={styles.filter}
            value={filter}
            onChange={(text) => onView({ filter: text || undefined })}
            label="Filter files"
            testId="files-filter"
          />
          <Button
            component="a"
            href={zipAddress(run.id, "")}
            size="xs"
            variant="default"
            leftSection={<DownloadIcon size={14} />}
            data-testid="files-zip"
          >
            All
          </Button>
        </div>
        <p className={styles.sum}>
          {formatCount(files.length)} files, {formatBytes(files.reduce((sum, { file }) => sum + file.size, 0))}
        </p>
        <div ref={scroller} className={styles.list} role="region" aria-label="Files" tabIndex={0}>
          <div className={styles.rows} style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const row = rows[item.index];
              if (row === undefined) return null;
              return (
                <FileRow
                  key={row.node.path}
                  runId={run.id}
                  row={row}
                  selected={row.node.path === view.path}
                  top={item.start}
                  height={ROW_HEIGHT}
                  onToggle={toggle}
                  onOpen={(path) => onView({ path })}
                />
              );
            })}
          </div>
        </div>
        {rows.length === 0 && <EmptyState title="No file matches the filter" />}
      </div>
      <div className={styles.preview}>
        {selected === undefined ? (
          <EmptyState title="Select a file to look into it" />
        ) : (
          <FilePreview
            key={selected.path}
            run={run}
            path={selected.path}
            file={selected.file}
            onClose={() => onView({ path: undefined })}
          />
        )}
      </div>
    </div>
  );
}
