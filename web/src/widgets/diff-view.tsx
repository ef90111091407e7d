/** A diff, file below file, with the line numbers of both sides. Only the lines on the screen are drawn. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useEffect, useEffectEvent, useMemo, useRef } from "react";
import type { DiffFile, DiffLine } from "#base/git-diff.ts";
import { highlight, type Language, languageOf, type SyntaxSpan } from "#base/syntax.ts";
import styles from "./code-view.module.css";
import { CodeText, LINE_HEIGHT } from "./code-view.tsx";

interface DiffViewProps {
  readonly files: readonly DiffFile[];
  readonly label: string;
  /** The file to bring into view. */
  readonly shown?: string | undefined;
  /** Called when the last of these lines is close to the screen. */
  readonly onEnd?: (() => void) | undefined;
}

const FILE_HEIGHT = 30;
const SIGNS: Readonly<Record<DiffLine["kind"], string>> = { added: "+", removed: "−", same: " ", hunk: "", note: "" };

type Row =
  | { readonly file: DiffFile; readonly line: null }
  | { readonly file: DiffFile; readonly line: DiffLine; readonly language: Language | null };

export function DiffView({ files, label, shown, onEnd }: DiffViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => rowsOf(files), [files]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.line === null ? FILE_HEIGHT : LINE_HEIGHT),
    overscan: 30,
  });
  const show = useEffectEvent((path: string) => {
    const at = rows.findIndex(({ file, line }) => line === null && file.path === path);
    if (at >= 0) virtual.scrollToIndex(at, { align: "start" });
  });
  useEffect(() => {
    if (shown !== undefined) show(shown);
  }, [shown]);
  const isAtEnd = virtual.getVirtualItems().at(-1)?.index === rows.length - 1;
  const reachEnd = useEffectEvent(() => onEnd?.());
  // biome-ignore lint/correctness/useExhaustiveDependencies: more rows have another end.
  useEffect(() => {
    if (isAtEnd) reachEnd();
  }, [isAtEnd, rows.length]);
  const digits = useMemo(
    () => Math.max(3, ...rows.map(({ line }) => String(line?.after ?? line?.before ?? 0).length)),
    [rows],
  );
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="region"
      aria-label={label}
      tabIndex={0}
      data-testid="diff-view"
    >
      <div className={styles.lines} style={{ height: virtual.getTotalSize(), "--digits": digits } as CSSProperties}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          const place = { transform: `translateY(${start}px)` };
          return row.line === null ? (
            <div key={key} className={styles.file} style={place} data-testid="diff-file-head">
              <span>{row.file.from === null ? row.file.path : `${row.file.from} → ${row.file.path}`}</span>
              <DiffSize file={row.file} />
            </div>
          ) : (
            <DiffRow key={key} line={row.line} language={row.language} place={place} />
          );
        })}
      </div>
    </div>
  );
}

/** `+3 −1`, and what happened to the file if it was not only changed. */
export function DiffSize({ file }: { readonly file: DiffFile }) {
  return (
    <>
      <span className={styles.plus}>+{file.added}</span>
      <span className={styles.minus}>−{file.removed}</span>
      {file.status !== "changed" && <span className={styles.status}>{file.status}</span>}
    </>
  );
}

interface DiffRowProps {
  readonly line: DiffLine;
  readonly language: Language | null;
  readonly place: CSSProperties;
}

function DiffRow({ line, language, place }: DiffRowProps) {
  const { kind, text, before, after } = line;
  const isCode = kind === "added" || kind === "removed" || kind === "same";
  // A line by itself: what begins a text of several lines is not known here.
  const spans = useMemo<readonly SyntaxSpan[]>(
    () => (isCode ? (highlight(text, language)[0] ?? []) : [{ text, kind: null }]),
    [isCode, text, language],
  );
  return (
    <div className={styles.line} style={place} data-testid="diff-line" data-diff={kind}>
      <span className={styles.gutter} aria-hidden="true">
        {before}
      </span>
      <span className={`${styles.gutter} ${styles.second}`} aria-hidden="true">
        {after}
      </span>
      <span className={styles.sign}>{SIGNS[kind]}</span>
      <CodeText spans={spans} />
    </div>
  );
}

function rowsOf(files: readonly DiffFile[]): Row[] {
  return files.flatMap((file): Row[] => {
    const language = languageOf(file.path);
    return [{ file, line: null }, ...file.lines.map((line) => ({ file, line, language }))];
  });
}
