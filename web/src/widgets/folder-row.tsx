/** One line of a tree that is read by folders: a folder, what is in it, or both at once. */

import type { CSSProperties, ReactNode } from "react";
import { formatCount } from "#base/numbers.ts";
import styles from "./folder-row.module.css";
import { ChevronIcon } from "./icons.tsx";

interface FolderRowProps {
  readonly path: string;
  readonly name: string;
  /** 0 for the outermost. */
  readonly depth: number;
  readonly expandable: boolean;
  readonly expanded: boolean;
  /** How many are in the folder. */
  readonly size: number;
  /** What is at the path itself, in a word, and more about it; null if it is a folder and nothing else. */
  readonly held: { readonly fact: string; readonly title: string } | null;
  readonly selected: boolean;
  /** Pixels from the beginning of the list. */
  readonly top: number;
  readonly height: number;
  readonly testId: string;
  readonly onToggle: (path: string) => void;
  readonly onOpen: (path: string) => void;
  /** What else is done with a folder. */
  readonly children?: ReactNode;
}

export function FolderRow(props: FolderRowProps) {
  const { path, name, depth, expandable, expanded, size, held, selected, top, height, testId } = props;
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
          onClick={() => props.onToggle(path)}
        >
          <ChevronIcon size={11} />
        </button>
      )}
      {held === null ? (
        <button
          type="button"
          tabIndex={-1}
          className={styles.folder}
          data-testid="folder-row"
          data-path={path}
          onClick={() => props.onToggle(path)}
        >
          {name} <span className={styles.fact}>{formatCount(size)}</span>
        </button>
      ) : (
        <button
          type="button"
          className={styles.held}
          data-indented={!expandable}
          aria-current={selected}
          data-testid={testId}
          data-path={path}
          title={held.title}
          onClick={() => props.onOpen(path)}
        >
          <span className={styles.name}>{name}</span>
          <span className={styles.fact}>{held.fact}</span>
        </button>
      )}
      {expandable && props.children}
    </div>
  );
}
