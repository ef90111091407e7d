/** One line of the tree of files: a folder, a file, or both at once. */

import { ActionIcon } from "@mantine/core";
import type { CSSProperties } from "react";
import { zipAddress } from "#api/request.ts";
import type { TreeRow } from "#api/types.ts";
import { formatBytes, formatCount } from "#base/numbers.ts";
import { ChevronIcon, DownloadIcon } from "#widgets/icons.tsx";
import styles from "./files-tab.module.css";

interface FileRowProps {
  readonly runId: string;
  readonly row: TreeRow;
  readonly selected: boolean;
  readonly top: number;
  readonly height: number;
  readonly onToggle: (path: string) => void;
  readonly onOpen: (path: string) => void;
}

export function FileRow({ runId, row, selected, top, height, onToggle, onOpen }: FileRowProps) {
  const { path, name, depth, expandable, expanded } = row;
  const file = row.attribute?.file;
  return (
    <div
      className={styles.row}
      data-current={selected}
      style={{ transform: `translateY(${top}px)`, height, "--depth": depth } as CSSProperties}
    >
      {expandable && (
        <button
          type="button"
          className={styles.chevron}
          data-open={expanded}
          aria-expanded={expanded}
          aria-label={`Folder ${path}`}
          onClick={() => onToggle(path)}
        >
          <ChevronIcon size={11} />
        </button>
      )}
      {file === null || file === undefined ? (
        <button
          type="button"
          tabIndex={-1}
          className={styles.folder}
          data-testid="folder-row"
          data-path={path}
          onClick={() => onToggle(path)}
        >
          {name} <span className={styles.fact}>{formatCount(row.size)}</span>
        </button>
      ) : (
        <button
          type="button"
          className={styles.file}
          data-indented={!expandable}
          aria-current={selected}
          data-testid="file-row"
          data-path={path}
          title={`${path} · ${file.media_type}`}
          onClick={() => onOpen(path)}
        >
          <span className={styles.name}>{name}</span>
          <span className={styles.fact}>{formatBytes(file.size)}</span>
        </button>
      )}
      {expandable && (
        <ActionIcon
          component="a"
          href={zipAddress(runId, path)}
          size={22}
          variant="subtle"
          color="gray"
          aria-label={`Download ${path} as ZIP`}
          title="Download as ZIP"
        >
          <DownloadIcon size={13} />
        </ActionIcon>
      )}
    </div>
  );
}
