/**
 * What fingers do on a chart, which uPlot leaves to a mouse.
 *
 * One that moves sideways takes the cursor along. Two that are spread zoom in between them, and two that come together
 * show all. One that moves up or down is left to the browser, so the page scrolls where a chart is under the finger.
 */

import type uPlot from "uplot";
import { fingersOf, type Pinch, pinched } from "#base/pinch.ts";
import type { Range } from "#base/value-range.ts";
import { leadCursor } from "./line-chart-options.ts";

export interface Touched {
  readonly logX: boolean;
  /** Called when a finger begins to lead the cursor. */
  readonly onFollow: () => void;
  /** Called with the stretch to show while two fingers move; null shows what was there before. */
  readonly onPreview: (x: Range | null) => void;
  readonly onZoom: (from: number, to: number) => void;
  readonly onReset: () => void;
}

/** A finger that moves less (CSS pixels) is a tap, of which the browser makes a mouse's click. */
const SMALLEST_MOVE = 6;

/** Follow the fingers on `plot` until the returned function is called. */
export function followTouch(plot: uPlot, touched: Touched): () => void {
  const { over } = plot;
  const fingers = new Map<number, { left: number; top: number }>();
  let start = 0;
  let follows = false;
  let pinch: Pinch | null = null;
  let frame = 0;

  const place = ({ clientX, clientY }: PointerEvent) => {
    const box = over.getBoundingClientRect();
    return { left: clientX - box.left, top: clientY - box.top };
  };
  const down = (event: PointerEvent) => {
    if (event.pointerType !== "touch") return;
    fingers.set(event.pointerId, place(event));
    if (fingers.size === 1) {
      start = place(event).left;
      follows = false;
    }
    const { min, max } = plot.scales.x ?? {};
    if (fingers.size === 2 && min != null && max != null) {
      pinch = {
        shown: [min, max],
        log: touched.logX,
        width: over.clientWidth,
        start: fingersOf([...fingers.values()]),
      };
    }
  };
  const move = (event: PointerEvent) => {
    if (!fingers.has(event.pointerId)) return;
    const { left, top } = place(event);
    fingers.set(event.pointerId, { left, top });
    if (pinch === null) {
      if (!follows && Math.abs(left - start) < SMALLEST_MOVE) return;
      if (!follows) touched.onFollow();
      follows = true;
      leadCursor(plot, Math.max(0, Math.min(over.clientWidth, left)), top);
      return;
    }
    // Each finger reports by itself; the lines are painted once for both.
    if (frame === 0) frame = requestAnimationFrame(preview);
  };
  const preview = () => {
    frame = 0;
    if (pinch !== null) touched.onPreview(pinched(pinch, fingersOf([...fingers.values()])).x);
  };
  const end = (event: PointerEvent) => {
    const held = pinch;
    const now = held === null ? null : pinched(held, fingersOf([...fingers.values()]));
    if (!fingers.delete(event.pointerId) || held === null || now === null) return;
    // The finger that is left leads nothing: the next gesture begins when both are gone.
    fingers.clear();
    pinch = null;
    cancelAnimationFrame(frame);
    frame = 0;
    touched.onPreview(null);
    if (event.type === "pointercancel") return;
    if (now.meaning === "zoom") touched.onZoom(now.x[0], now.x[1]);
    else if (now.meaning === "reset") touched.onReset();
  };
  over.addEventListener("pointerdown", down);
  over.addEventListener("pointermove", move);
  over.addEventListener("pointerup", end);
  over.addEventListener("pointercancel", end);
  return () => {
    cancelAnimationFrame(frame);
    over.removeEventListener("pointerdown", down);
    over.removeEventListener("pointermove", move);
    over.removeEventListener("pointerup", end);
    over.removeEventListener("pointercancel", end);
  };
}
