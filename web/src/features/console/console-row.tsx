/** One printed line with its colours. */

import { type CSSProperties, memo } from "react";
import { type AnsiSpan, groundColors, parseAnsi } from "#base/ansi.ts";
import { formatMoment } from "#base/time.ts";
import type { SearchWords } from "./console-search.ts";
import styles from "./console-view.module.css";
import { splitMatches } from "./find.ts";
import type { ConsoleLine, LinePlace } from "./log.ts";

interface ConsoleRowProps {
  readonly line: ConsoleLine;
  readonly several: boolean;
  readonly words: SearchWords;
  readonly current: boolean;
  /** Always does the same, so another function is no reason to draw the line anew. */
  readonly onLine: (place: LinePlace) => void;
}

export const ConsoleRow = memo(
  function ConsoleRow({ line, several, words, current, onLine }: ConsoleRowProps) {
    const isError = line.path.endsWith("/stderr");
    return (
      <div
        className={styles.line}
        data-testid="console-line"
        data-line={line.step}
        data-stream={isError ? "stderr" : "stdout"}
        data-current={current}
        title={several ? `${line.path} · ${formatMoment(line.time)}` : formatMoment(line.time)}
      >
        <button
          type="button"
          tabIndex={-1}
          className={styles.number}
          aria-label={`Mark line ${line.step}`}
          onClick={() => onLine(line)}
        >
          {line.step}
        </button>
        <span className={styles.text}>
          {isError && <span className={styles.spoken}>error output: </span>}
          {parseAnsi(line.text).map((span, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: spans have no identity but their place.
            <span key={index} style={styleOf(span)}>
              {words.text === "" ? span.text : <Marked text={span.text} words={words} />}
            </span>
          ))}
        </span>
      </div>
    );
  },
  (before, after) =>
    before.line.text === after.line.text &&
    before.line.step === after.line.step &&
    before.line.path === after.line.path &&
    before.several === after.several &&
    before.words.text === after.words.text &&
    before.words.regex === after.words.regex &&
    before.current === after.current,
);

function Marked({ text, words }: { readonly text: string; readonly words: SearchWords }) {
  return splitMatches(text, words.text, words.regex).map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place.
    index % 2 === 1 ? <mark key={index}>{part}</mark> : part,
  );
}

function styleOf(span: AnsiSpan): CSSProperties | undefined {
  const { color, bold, dim, italic, underline, struck } = span;
  const style: CSSProperties = {};
  const colors = groundColors(span);
  if (colors !== null) [style.color, style.background] = colors;
  else if (color !== null) style.color = cssColor(color);
  if (bold) style.fontWeight = 700;
  if (dim) style.opacity = 0.7;
  if (italic) style.fontStyle = "italic";
  if (underline || struck)
    style.textDecoration = `${underline ? "underline" : ""} ${struck ? "line-through" : ""}`.trim();
  return Object.keys(style).length === 0 ? undefined : style;
}

function cssColor(color: number | string): string {
  return typeof color === "number" ? `var(--ansi-${color})` : color;
}
