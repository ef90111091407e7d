/** Files of a run: a list, and a look into the one that is selected. */

import { useMemo } from "react";
import type { AttributeInfo, File, Run } from "#api/types.ts";
import { formatBytes } from "#base/numbers.ts";
import { comparePaths, matchesSearch } from "#base/path.ts";
import { EmptyState } from "#widgets/empty-state.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { FilePreview } from "./file-preview.tsx";
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

interface FileAttribute {
  readonly path: string;
  readonly file: File;
}

export function FilesTab({ run, attributes, view, onView }: FilesTabProps) {
  const filter = view.filter ?? "";
  const files = useMemo<FileAttribute[]>(
    () =>
      attributes
        .flatMap(({ path, file }) => (file ? [{ path, file }] : []))
        .sort((a, b) => comparePaths(a.path, b.path)),
    [attributes],
  );
  const shown = files.filter(({ path, file }) => matchesSearch(`${path} ${file.filename}`, filter));
  const selected = files.find(({ path }) => path === view.path);
  if (files.length === 0) {
    return (
      <EmptyState title="No files yet">
        Upload one with <code>run["model"].upload("model.pt")</code>.
      </EmptyState>
    );
  }
  return (
    <div className={styles.page} data-open={selected !== undefined}>
      <div className={styles.side}>
        <div className={styles.bar}>
          <SearchInput
            value={filter}
            onChange={(text) => onView({ filter: text || undefined })}
            label="Filter files"
            testId="files-filter"
          />
        </div>
        <ul className={styles.list} aria-label="Files">
          {shown.map(({ path, file }) => (
            <li key={path}>
              <button
                type="button"
                className={styles.row}
                aria-current={path === view.path}
                data-testid="file-row"
                data-path={path}
                onClick={() => onView({ path })}
              >
                <span className={styles.path}>{path}</span>
                <span className={styles.facts}>
                  <span className={styles.type}>{file.media_type}</span>
                  <span>{formatBytes(file.size)}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
        {shown.length === 0 && <EmptyState title="No file matches the filter" />}
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
