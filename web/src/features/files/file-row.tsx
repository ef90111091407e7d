/** One line of the tree of files: a folder, a file, or both at once. */

import { ActionIcon } from "@mantine/core";
import type { CSSProperties } from "react";
import { zipAddress } from "#api/request.ts";
import type { File } from "#api/types.ts";
import { formatBytes, formatCount } from "#base/numbers.ts";
import type { TreeRow } from "#base/tree.ts";
import { ChevronIcon, DownloadIcon } from "#widgets/icons.tsx";
import styles from "./files-tab.module.css";

export interface FileAttribute {
  readonly path: string;
  readonly file: File;
}

interface FileRowProps {
  readonly runId: string;
  readonly row: TreeRow<FileAttribute>;
  readonly selected: boolean;
  readonly top: number;
  readonly height: number;
  readonly onToggle: (path: string) => void;
  readonly onOpen: (path: string) => void;
}

export function FileRow({ runId, row, selected, top, height, onToggle, onOpen }: FileRowProps) {
  const { node, depth, expandable, expanded } = row;
  const { path, name, item } = node;
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
      {item === null ? (
        <button
          type="button"
          tabIndex={-1}
          className={styles.folder}
          data-testid="folder-row"
          data-path={path}
          onClick={() => onToggle(path)}
        >
          {name} <span className={styles.fact}>{formatCount(node.size)}</span>
        </button>
      ) : (
        <button
          type="button"
          className={styles.file}
          data-indented={!expandable}
          aria-current={selected}
          data-testid="file-row"
          data-path={path}
          title={`${path} · ${item.file.media_type}`}
          onClick={() => onOpen(path)}
        >
          <span className={styles.name}>{name}</span>
          <span className={styles.fact}>{formatBytes(item.file.size)}</span>
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
