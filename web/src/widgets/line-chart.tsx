/**
 * A line on a canvas, drawn by uPlot.
 *
 * It is given what to draw and never fetches. However often its data changes, it is painted at most once per animation
 * frame. `onDrawn` is called after the canvas shows the newest line.
 */

import { type RefObject, useEffect, useEffectEvent, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Line, XAxis } from "#base/line.ts";
import styles from "./line-chart.module.css";
import { type ChartLook, chartOptions } from "./line-chart-options.ts";

export interface LineChartProps {
  readonly line: Line;
  readonly xAxis: XAxis;
  readonly logY: boolean;
  readonly look: ChartLook;
  readonly height: number;
  /** The stretch of the x axis to show; null shows all. */
  readonly xRange: readonly [number, number] | null;
  /** Charts with one key move their cursors together. */
  readonly syncKey: string;
  readonly label: string;
  /** Short lines for the place under the cursor; the first one is the value. */
  readonly describe: (at: number) => readonly string[];
  readonly onZoom: (from: number, to: number) => void;
  readonly onReset: () => void;
  readonly onDrawn: (line: Line) => void;
}

type Handlers = Pick<LineChartProps, "describe" | "onZoom" | "onReset" | "onDrawn">;

export function LineChart(props: LineChartProps) {
  const { line, xAxis, logY, look, height, xRange, syncKey, label } = props;
  const host = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const shown = useRef({ line, xRange, height });
  shown.current = { line, xRange, height };

  const describe = useEffectEvent<Handlers["describe"]>((at) => props.describe(at));
  const onZoom = useEffectEvent<Handlers["onZoom"]>((from, to) => props.onZoom(from, to));
  const onReset = useEffectEvent(() => props.onReset());
  const onDrawn = useEffectEvent<Handlers["onDrawn"]>((drawn) => props.onDrawn(drawn));

  const layered = line.high !== null;
  const ghosted = line.raw !== null;
  const { color, dark } = look;
  useEffect(() => {
    const target = host.current;
    if (target === null) return undefined;
    const options = chartOptions({
      width: target.clientWidth,
      height: shown.current.height,
      xAxis,
      logY,
      look: { color, dark },
      syncKey,
      layered,
      ghosted,
      xRange: () => shown.current.xRange,
      line: () => shown.current.line,
      onZoom: (from, to) => onZoom(from, to),
      onReset: () => onReset(),
      onDrawn: () => onDrawn(shown.current.line),
      onCursor: (plot) => placeTip(plot, tip, shown.current.line, (at) => describe(at)),
    });
    const plot = new uPlot(options, aligned(shown.current.line), target);
    chart.current = plot;
    const resize = new ResizeObserver(() => {
      const { clientWidth } = target;
      if (clientWidth > 0 && clientWidth !== plot.width)
        plot.setSize({ width: clientWidth, height: shown.current.height });
    });
    resize.observe(target);
    return () => {
      resize.disconnect();
      chart.current = null;
      plot.destroy();
    };
  }, [xAxis, logY, color, dark, syncKey, layered, ghosted]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new range must be painted too; it is read when painting.
  useEffect(() => {
    const frame = requestAnimationFrame(() => chart.current?.setData(aligned(line)));
    return () => cancelAnimationFrame(frame);
  }, [line, xRange]);

  useEffect(() => {
    const plot = chart.current;
    if (plot !== null && plot.height !== height) plot.setSize({ width: plot.width, height });
  }, [height]);

  return (
    <div className={styles.chart} role="img" aria-label={label} style={{ height }}>
      <div ref={host} className={styles.host} />
      <div ref={tip} className={styles.tip} hidden />
    </div>
  );
}

/** The columns in the order of the options' series: x, low, high, raw, y; columns that are not drawn are left out. */
function aligned(line: Line): uPlot.AlignedData {
  const data: (Float64Array | (number | null)[])[] = [line.x];
  if (line.low !== null && line.high !== null) data.push(line.low, line.high);
  if (line.raw !== null) data.push(line.raw);
  data.push(line.y);
  return data as uPlot.AlignedData;
}

const TIP_GAP = 10;

/** Written straight to the page: the cursor moves far more often than React should render. */
function placeTip(
  plot: uPlot,
  tip: RefObject<HTMLDivElement | null>,
  line: Line,
  describe: (at: number) => readonly string[],
): void {
  const box = tip.current;
  if (box === null) return;
  const { idx, left = -1 } = plot.cursor;
  const width = plot.over.clientWidth;
  // A cursor that another chart moved may stand outside of what this one shows.
  const isOutside = left < 0 || left > width;
  if (idx === null || idx === undefined || isOutside || idx >= line.x.length) {
    box.hidden = true;
    return;
  }
  const [what = "", ...where] = describe(idx);
  box.replaceChildren(text("strong", what), ...where.map((words) => text("span", words)));
  box.hidden = false;
  const start = plot.bbox.left / devicePixelRatio;
  const beside = left < width / 2 ? left + TIP_GAP : left - TIP_GAP - box.offsetWidth;
  const x = Math.max(0, Math.min(start + beside, plot.width - box.offsetWidth));
  box.style.transform = `translate(${Math.round(x)}px, ${Math.round(plot.bbox.top / devicePixelRatio) + 4}px)`;
}

function text(tag: "strong" | "span", content: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = content;
  return element;
}
