/** Files of a run: a tree, and a look into the one that is selected. Folders are downloaded as archives. */

import { Button } from "@mantine/core";
import { ApiError, zipAddress } from "#api/request.ts";
import { type Tree, useAttribute, useFileSizes, useTree } from "#api/tree.ts";
import type { Kind, Run } from "#api/types.ts";
import type { Change } from "#base/change.ts";
import { formatBytes, formatCount } from "#base/numbers.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { DownloadIcon } from "#widgets/icons.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { type ToggledView, useToggled } from "#widgets/toggled.ts";
import { useVirtualRows } from "#widgets/virtual-rows.ts";
import { Waiting } from "#widgets/waiting.tsx";
import { WaitingRow } from "#widgets/waiting-row.tsx";
import { FilePreview } from "./file-preview.tsx";
import { FileRow } from "./file-row.tsx";
import styles from "./files-tab.module.css";

export interface FilesView extends ToggledView {
  readonly path?: string | undefined;
}

interface FilesTabProps {
  readonly run: Run;
  readonly view: FilesView;
  readonly onView: (change: Change<FilesView>) => void;
}

const FILES: readonly Kind[] = ["file"];
const NOT_FOUND = 404;
const ROW_HEIGHT = 28;
/** With more files than this, folders are closed at first. */
const OPEN_UP_TO = 200;

export function FilesTab({ run, view, onView }: FilesTabProps) {
  const search = view.filter ?? "";
  const { toggled, toggle, search: lookFor } = useToggled(view, onView);
  const tree = useTree(run.id, { kinds: FILES, search, openUpTo: OPEN_UP_TO, toggled }, null);
  const isShown = view.path !== undefined;
  if (tree.rowCount === 0 && tree.search === "" && search === "") {
    return (
      <EmptyState title="No files yet">
        Upload one with <code>run["model"].upload("model.pt")</code>.
      </EmptyState>
    );
  }
  return (
    <div className={styles.page} data-open={isShown}>
      <div className={styles.side}>
        <div className={styles.bar}>
          <SearchInput
            className={styles.filter}
            value={search}
            onChange={lookFor}
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
        <Sizes runId={run.id} />
        <FileList
          runId={run.id}
          tree={tree}
          search={search}
          selected={view.path}
          onToggle={toggle}
          onOpen={(path) => onView({ path })}
        />
      </div>
      <div className={styles.preview}>
        <Selected run={run} tree={tree} path={view.path} onClose={() => onView({ path: undefined })} />
      </div>
    </div>
  );
}

function Sizes({ runId }: { readonly runId: string }) {
  const { data } = useFileSizes(runId);
  return (
    <p className={styles.sum} data-testid="files-sum">
      {data === undefined ? "\u00a0" : `${formatCount(data.count)} files, ${formatBytes(data.bytes)}`}
    </p>
  );
}

interface FileListProps {
  readonly runId: string;
  readonly tree: Tree;
  readonly search: string;
  readonly selected: string | undefined;
  readonly onToggle: (path: string) => void;
  readonly onOpen: (path: string) => void;
}

function FileList({ runId, tree, search, selected, onToggle, onOpen }: FileListProps) {
  const { scroller, items, total } = useVirtualRows({
    count: tree.rowCount ?? 0,
    height: ROW_HEIGHT,
    subject: search,
    onShow: tree.show,
  });
  if (tree.rowCount === null) {
    return tree.error === null ? <Waiting /> : <ErrorState error={tree.error} onRetry={tree.refetch} />;
  }
  if (tree.rowCount === 0) return <EmptyState title="No file matches the filter" />;
  return (
    <div ref={scroller} className={styles.list} role="region" aria-label="Files" tabIndex={0}>
      <div className={styles.rows} style={{ height: total }}>
        {items.map(({ index, start }) => {
          const row = tree.rowAt(index);
          if (row === undefined) return <WaitingRow key={index} top={start} height={ROW_HEIGHT} />;
          return (
            <FileRow
              key={row.path}
              runId={runId}
              row={row}
              selected={row.path === selected}
              top={start}
              height={ROW_HEIGHT}
              onToggle={onToggle}
              onOpen={onOpen}
            />
          );
        })}
      </div>
    </div>
  );
}

interface SelectedProps {
  readonly run: Run;
  readonly tree: Tree;
  readonly path: string | undefined;
  readonly onClose: () => void;
}

/** A link to a file opens it, wherever in the tree it is. */
function Selected({ run, tree, path, onClose }: SelectedProps) {
  const index = path === undefined ? null : tree.indexOf(path);
  const held = index === null ? null : (tree.rowAt(index)?.attribute ?? null);
  const { data, error, refetch } = useAttribute(run.id, path, held ?? undefined);
  if (path === undefined) return <EmptyState title="Select a file to look into it" />;
  if (data?.file) return <FilePreview key={path} run={run} path={path} file={data.file} onClose={onClose} />;
  if (data === undefined && error === null) return <Waiting />;
  if (error !== null && !(error instanceof ApiError && error.status === NOT_FOUND)) {
    return <ErrorState error={error} onRetry={() => void refetch()} />;
  }
  return (
    <EmptyState title={`There is no file at ${path}`}>
      <Button size="xs" variant="default" onClick={onClose}>
        Close
      </Button>
    </EmptyState>
  );
}
