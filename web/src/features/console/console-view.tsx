/** The lines on the screen. Stays at the end while it follows, and stays where one reads when it does not. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef } from "react";
import { ConsoleRow } from "./console-row.tsx";
import type { SearchWords } from "./console-search.ts";
import styles from "./console-view.module.css";
import { type ConsoleLine, type LinePlace, placeText } from "./log.ts";

interface ConsoleViewProps {
  readonly lines: readonly ConsoleLine[];
  /** Whether lines of several series are mixed. */
  readonly several: boolean;
  /** Whether the first line is the first of all. */
  readonly complete: boolean;
  /** Whether the last line is the last of all. */
  readonly ended: boolean;
  readonly wrap: boolean;
  readonly follow: boolean;
  readonly onFollow: (follow: boolean) => void;
  readonly words: SearchWords;
  /** The line that is singled out, or null. It is brought into view when it, or `shown`, changes. */
  readonly target: string | null;
  /** How often a line was asked to be shown. */
  readonly shown: number;
  /** Called with the line whose number was pressed. */
  readonly onLine: (place: LinePlace) => void;
  /** Called when one comes close to the first loaded line. */
  readonly onStart: () => void;
  /** Called when one comes close to the last loaded line. */
  readonly onEnd: () => void;
}

const LINE_HEIGHT = 19;
/** A finger or a wheel stops within a line or two of the end; that counts as being there. */
const END_TOLERANCE = 24;
const START_MARGIN_LINES = 60;

export function ConsoleView(props: ConsoleViewProps) {
  const { lines, several, complete, ended, wrap, follow, words, target } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const scrolledTo = useRef(0);
  const firstKey = useRef<string | null>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    getItemKey: (index) => keyOf(lines[index]) ?? index,
    overscan: 30,
  });
  const onStart = useEffectEvent(props.onStart);
  const onEnd = useEffectEvent(props.onEnd);

  // Earlier lines were put in front: move along with what one reads.
  useLayoutEffect(() => {
    const box = scroller.current;
    const before = firstKey.current;
    const now = keyOf(lines[0]);
    firstKey.current = now;
    if (box === null || before === null || before === now) return;
    const shift = lines.findIndex((line) => keyOf(line) === before);
    if (shift > 0) {
      box.scrollTop += shift * LINE_HEIGHT;
      scrolledTo.current = box.scrollTop;
    }
  }, [lines]);

  const total = virtual.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: every new line and every measured height moves the end.
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!follow || box === null) return;
    box.scrollTop = box.scrollHeight;
    scrolledTo.current = box.scrollTop;
  }, [lines, follow, total, wrap]);

  const isLoaded = target !== null && lines.some((line) => keyOf(line) === target);
  const showLine = useEffectEvent(() => {
    const at = lines.findIndex((line) => keyOf(line) === target);
    if (at >= 0) virtual.scrollToIndex(at, { align: "center" });
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is shown again when that is asked for again.
  useEffect(() => {
    if (isLoaded && !follow) showLine();
  }, [target, isLoaded, props.shown, follow]);

  const digits = useMemo(() => numberWidth(lines), [lines]);
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lines.length > 0 && !complete && first < START_MARGIN_LINES) onStart();
  }, [first, complete, lines.length]);
  useEffect(() => {
    if (lines.length > 0 && !ended && last > lines.length - START_MARGIN_LINES) onEnd();
  }, [last, ended, lines.length]);

  const onScroll = () => {
    const box = scroller.current;
    if (box === null) return;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < END_TOLERANCE;
    if (atEnd && !follow && ended && box.scrollTop > scrolledTo.current) props.onFollow(true);
    else if (!atEnd && follow && box.scrollTop < scrolledTo.current - 2) props.onFollow(false);
    scrolledTo.current = box.scrollTop;
  };
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      onScroll={onScroll}
      role="region"
      aria-label="Console output"
      tabIndex={0}
      data-testid="console"
      data-lines={lines.length}
    >
      <div className={styles.lines} data-wrap={wrap} style={{ height: total, "--digits": digits } as CSSProperties}>
        {items.map((item) => {
          const line = lines[item.index];
          if (line === undefined) return null;
          return (
            <div
              key={item.key}
              ref={wrap ? virtual.measureElement : null}
              data-index={item.index}
              className={styles.place}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <ConsoleRow
                line={line}
                several={several}
                words={words}
                current={target !== null && keyOf(line) === target}
                onLine={props.onLine}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Characters of the longest line number. */
function numberWidth(lines: readonly ConsoleLine[]): number {
  let largest = 0;
  for (const { step } of lines) if (step > largest) largest = step;
  return Math.max(3, String(largest).length);
}

function keyOf(line: ConsoleLine | undefined): string | null {
  return line === undefined ? null : placeText(line);
}
