/** Source code with its colours and line numbers. Only the lines on the screen are drawn. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, memo, useEffect, useEffectEvent, useMemo, useRef } from "react";
import { highlight, type Language, type SyntaxSpan } from "#base/syntax.ts";
import styles from "./code-view.module.css";

interface CodeViewProps {
  readonly text: string;
  /** Null for text without colours. */
  readonly language: Language | null;
  readonly label: string;
  /** The line that is singled out, from 1. */
  readonly line?: number | undefined;
  readonly onLine?: (line: number) => void;
}

export const LINE_HEIGHT = 19;
/** Colouring more takes longer than a page may stand still. */
const MAX_COLOURED = 1_000_000;

export function CodeView({ text, language, label, line, onLine }: CodeViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(
    () => highlight(text.replace(/\r\n/g, "\n").replace(/\n$/, ""), text.length > MAX_COLOURED ? null : language),
    [text, language],
  );
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 30,
  });
  const show = useEffectEvent((wanted: number) => virtual.scrollToIndex(wanted - 1, { align: "center" }));
  useEffect(() => {
    if (line !== undefined) show(line);
  }, [line]);
  const digits = Math.max(3, String(lines.length).length);
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="region"
      aria-label={label}
      tabIndex={0}
      data-testid="code-view"
    >
      <div className={styles.lines} style={{ height: virtual.getTotalSize(), "--digits": digits } as CSSProperties}>
        {virtual.getVirtualItems().map(({ index, key, start }) => (
          <div
            key={key}
            className={styles.line}
            style={{ transform: `translateY(${start}px)` }}
            data-testid="code-line"
            data-current={line === index + 1}
          >
            {onLine === undefined ? (
              <span className={styles.gutter} aria-hidden="true">
                {index + 1}
              </span>
            ) : (
              <button
                type="button"
                tabIndex={-1}
                className={styles.gutter}
                aria-label={`Mark line ${index + 1}`}
                onClick={() => onLine(index + 1)}
              >
                {index + 1}
              </button>
            )}
            <CodeText spans={lines[index] ?? NO_SPANS} />
          </div>
        ))}
      </div>
    </div>
  );
}

const NO_SPANS: readonly SyntaxSpan[] = [];

export const CodeText = memo(function CodeText({ spans }: { readonly spans: readonly SyntaxSpan[] }) {
  return (
    <span className={styles.text}>
      {spans.map(({ text, kind }, index) =>
        kind === null ? (
          text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: spans have no identity but their place.
          <span key={index} className={styles[kind]}>
            {text}
          </span>
        ),
      )}
    </span>
  );
});
