/** What is under the cursor of a chart: the places, the dots on them, and the words beside them. */

import type uPlot from "uplot";
import { nearestPlace } from "#base/line.ts";
import styles from "./line-chart.module.css";
import type { Curve } from "./line-paint.ts";

/** A place of a curve that is under the cursor. */
export interface Hit {
  readonly curve: Curve;
  /** The place in the curve's line. */
  readonly at: number;
  /** CSS pixels from the plot's corner. */
  readonly left: number;
  readonly top: number;
  /** Whether the cursor is close enough for the curve to be meant. */
  readonly isNear: boolean;
}

export interface TipRow {
  readonly color: string;
  readonly label: string;
  readonly value: string;
  /** Whether it is of the curve that is meant. */
  readonly strong: boolean;
}

export interface Tip {
  readonly title: string;
  readonly rows: readonly TipRow[];
  readonly words: readonly string[];
}

/** A curve that ends further than this (CSS pixels) from the cursor has nothing there. */
const BESIDE = 12;
const NEAR = 48;

/** Where the curves are under the cursor of `plot`, the nearest first. */
export function hitsAt(plot: uPlot, curves: readonly Curve[]): Hit[] {
  const { left = -1, top = -1 } = plot.cursor;
  if (left < 0 || left > plot.over.clientWidth) return [];
  const x = plot.posToVal(left, "x");
  const hits: (Hit & { distance: number })[] = [];
  for (const curve of curves) {
    const at = nearestPlace(curve.line, x);
    if (at === null) continue;
    const place = plot.valToPos(curve.line.x[at] ?? Number.NaN, "x");
    if (curves.length > 1 && isPastEnd(curve, at) && Math.abs(place - left) > BESIDE) continue;
    const value = curve.line.y[at] ?? Number.NaN;
    const height = Number.isNaN(value) ? Number.NaN : plot.valToPos(value, "y");
    const distance = top < 0 || Number.isNaN(height) ? Number.POSITIVE_INFINITY : Math.abs(height - top);
    hits.push({ curve, at, left: place, top: height, isNear: distance <= NEAR, distance });
  }
  return hits.sort((a, b) => a.distance - b.distance);
}

function isPastEnd({ line }: Curve, at: number): boolean {
  return at === 0 || at === line.x.length - 1;
}

const TIP_GAP = 12;
/** Dots of more curves than this hide what they are on. */
const MOST_DOTS = 30;

/** Written straight to the page: the cursor moves far more often than React should render. */
export class ChartTip {
  readonly #box = document.createElement("div");
  readonly #dots: HTMLElement[] = [];

  constructor(frame: HTMLElement) {
    this.#box.className = styles.tip ?? "";
    this.#box.hidden = true;
    this.#box.dataset.testid = "chart-tip";
    frame.append(this.#box);
  }

  /** Show what `hits` say; only the dots if the cursor is in another chart and many curves are here. */
  show(plot: uPlot, hits: readonly Hit[], describe: (x: number) => Tip, isActive: boolean): void {
    this.#placeDots(plot, hits);
    const { left = -1 } = plot.cursor;
    if (hits.length === 0 || (!isActive && hits.length > 1)) {
      this.#box.hidden = true;
      return;
    }
    const { title, rows, words } = describe(plot.posToVal(left, "x"));
    this.#box.replaceChildren(
      element("strong", title),
      ...rows.map(rowElement),
      ...words.map((text) => element("span", text)),
    );
    this.#box.hidden = false;
    const start = plot.bbox.left / devicePixelRatio;
    const width = this.#box.offsetWidth;
    const beside = left < plot.over.clientWidth / 2 ? left + TIP_GAP : left - TIP_GAP - width;
    const x = Math.max(0, Math.min(start + beside, plot.width - width));
    this.#box.style.transform = `translate(${Math.round(x)}px, ${Math.round(plot.bbox.top / devicePixelRatio) + 4}px)`;
  }

  remove(): void {
    this.#box.remove();
  }

  #placeDots(plot: uPlot, hits: readonly Hit[]): void {
    const drawn = hits.filter(({ top }) => !Number.isNaN(top)).slice(0, MOST_DOTS);
    while (this.#dots.length < drawn.length) {
      const dot = document.createElement("i");
      dot.className = styles.dot ?? "";
      plot.over.append(dot);
      this.#dots.push(dot);
    }
    for (const [index, dot] of this.#dots.entries()) {
      const hit = drawn[index];
      dot.hidden = hit === undefined;
      if (hit === undefined) continue;
      dot.style.background = hit.curve.color;
      dot.style.transform = `translate(${hit.left}px, ${hit.top}px)`;
    }
  }
}

function rowElement({ color, label, value, strong }: TipRow): HTMLElement {
  const row = document.createElement("div");
  row.className = styles.tipRow ?? "";
  if (strong) row.dataset.strong = "";
  const swatch = document.createElement("i");
  swatch.style.background = color;
  row.append(swatch, element("span", label), element("b", value));
  return row;
}

function element(tag: "strong" | "span" | "b", content: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = content;
  return made;
}
