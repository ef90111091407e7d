/** Rows of one height of which only those near the screen are in the page, in a part of the page that scrolls. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useRef } from "react";

/** Rows above and below the screen that are in the page, too. */
const BESIDE = 16;

interface VirtualRowsOptions {
  readonly count: number;
  /** Of a row, in pixels. */
  readonly height: number;
  /** When this changes, the rows begin at the top again. */
  readonly subject: string;
  /** Tells which rows are in the page, counted from 0. */
  readonly onShow: (first: number, last: number) => void;
}

export function useVirtualRows({ count, height, subject, onShow }: VirtualRowsOptions) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: BESIDE,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index;
  const last = items.at(-1)?.index;
  const tell = useEffectEvent(onShow);
  useEffect(() => {
    if (first !== undefined && last !== undefined) tell(first, last);
  }, [first, last]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another subject begins at the top.
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [subject]);
  return { scroller, items, total: virtual.getTotalSize(), scrollTo: virtual.scrollToIndex };
}
