/**
 * Lines on a canvas; uPlot makes the axes, the cursor and the zoom.
 *
 * It is given what to draw and never fetches. However often its data changes, it is painted at most once per animation
 * frame. `onDrawn` is called after the canvas shows the newest lines. By keyboard: arrows move the cursor, `+` zooms in
 * around it, `-` and Escape show all. What fingers do is `line-chart-touch.ts`.
 */

import { type KeyboardEvent, useEffect, useEffectEvent, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Pin } from "#base/pins.ts";
import { placeRange, type Range, valueRange } from "#base/value-range.ts";
import { useHighlight } from "./highlight.ts";
import styles from "./line-chart.module.css";
import { type ChartScales, chartOptions, leadCursor } from "./line-chart-options.ts";
import { ChartTip, type Hit, hitsAt, type Tip } from "./line-chart-tip.ts";
import { followTouch } from "./line-chart-touch.ts";
import { type Curve, paintCurves, paintHighlight, paintPins } from "./line-paint.ts";

export interface LineChartProps {
  readonly curves: readonly Curve[];
  /** Texts that are pinned to places of the x axis. */
  readonly pins?: readonly Pin[];
  readonly scales: ChartScales;
  readonly dark: boolean;
  /** Whether the y axis leaves out outliers. */
  readonly robust: boolean;
  readonly height: number;
  /** The stretch of the x axis to show; null shows all. */
  readonly xRange: Range | null;
  /** Charts with one key move their cursors together. */
  readonly syncKey: string;
  readonly label: string;
  /** What to say about the places under the cursor, of which the first is the nearest. */
  readonly describe: (hits: readonly Hit[], x: number) => Tip;
  readonly onZoom: (from: number, to: number) => void;
  readonly onReset: () => void;
  readonly onDrawn: (curves: readonly Curve[]) => void;
}

const NO_PINS: readonly Pin[] = [];

interface Shown {
  readonly curves: readonly Curve[];
  readonly pins: readonly Pin[];
  readonly x: Range;
  readonly y: Range;
  readonly height: number;
}

/** A press of an arrow key moves the cursor by this share of the width. */
const KEY_STEP = 0.02;
/** `+` shows this share of what was shown. */
const KEY_ZOOM = 0.5;

export function LineChart(props: LineChartProps) {
  const { curves, pins = NO_PINS, scales, dark, robust, height, xRange, syncKey, label } = props;
  const { xAxis, logX, logY } = scales;
  const box = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const highlight = useHighlight();
  const shown = useRef<Shown | null>(null);
  shown.current = { curves, pins, height, ...rangesOf(curves, xRange, robust, scales) };

  const describe = useEffectEvent<LineChartProps["describe"]>((hits, x) => props.describe(hits, x));
  const onZoom = useEffectEvent<LineChartProps["onZoom"]>((from, to) => props.onZoom(from, to));
  const onReset = useEffectEvent(() => props.onReset());
  const onDrawn = useEffectEvent<LineChartProps["onDrawn"]>((drawn) => props.onDrawn(drawn));

  useEffect(() => {
    const target = host.current;
    const frame = box.current;
    if (target === null || frame === null) return undefined;
    const current = () => shown.current as Shown;
    const tip = new ChartTip(frame);
    const front = document.createElement("canvas");
    front.className = styles.front ?? "";
    front.dataset.layer = "front";
    const single = (plot: uPlot) => {
      const id = highlight?.get() ?? null;
      const { curves: all } = current();
      // A line that is alone has no others to step out of.
      const curve = id === null || all.length < 2 ? null : (all.find((each) => each.id === id) ?? null);
      if (curve !== null) paintHighlight(front, plot, curve, dark);
      // An empty canvas would cost each chart a layer as large as its own.
      if (curve === null) front.remove();
      else if (front.parentNode === null) plot.over.append(front);
    };
    let preview: Range | null = null;
    const options = chartOptions({
      width: target.clientWidth,
      height: current().height,
      xAxis,
      logX,
      logY,
      dark,
      syncKey,
      xRange: () => preview ?? current().x,
      yRange: () => current().y,
      onZoom: (from, to) => onZoom(from, to),
      onReset: () => onReset(),
      onDraw: (plot) => {
        paintCurves(plot, current().curves, dark);
        paintPins(plot, current().pins, dark);
        single(plot);
        onDrawn(current().curves);
      },
      onCursor: (plot) => {
        const hits = hitsAt(plot, current().curves);
        const isActive = frame.matches(":hover, :focus");
        if (isActive) highlight?.set(hits[0]?.isNear === true ? hits[0].curve.id : null);
        tip.show(plot, hits, (x) => describe(hits, x), isActive);
      },
    });
    const plot = new uPlot(options, dataFor(current().x), target);
    chart.current = plot;
    const resize = new ResizeObserver(() => {
      const { clientWidth } = target;
      if (clientWidth > 0 && clientWidth !== plot.width) plot.setSize({ width: clientWidth, height: current().height });
    });
    resize.observe(target);
    const unsubscribe = highlight?.subscribe(() => single(plot));
    const unfollow = followTouch(plot, {
      logX,
      // The values stay there until the focus goes elsewhere.
      onFollow: () => frame.focus({ preventScroll: true, focusVisible: false }),
      onPreview: (x) => {
        preview = x;
        plot.setData(dataFor(x ?? current().x));
      },
      onZoom: (from, to) => onZoom(from, to),
      onReset: () => onReset(),
    });
    return () => {
      unfollow();
      unsubscribe?.();
      resize.disconnect();
      tip.remove();
      chart.current = null;
      plot.destroy();
    };
  }, [xAxis, logX, logY, dark, syncKey, highlight]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: new curves and ranges must be painted; both are read then.
  useEffect(() => {
    const frame = requestAnimationFrame(() => chart.current?.setData(dataFor((shown.current as Shown).x)));
    return () => cancelAnimationFrame(frame);
  }, [curves, pins, xRange, robust]);

  useEffect(() => {
    const plot = chart.current;
    if (plot !== null && plot.height !== height) plot.setSize({ width: plot.width, height });
  }, [height]);

  return (
    <div
      ref={box}
      className={styles.chart}
      role="img"
      aria-label={label}
      // The keyboard moves the cursor along the lines.
      tabIndex={0}
      style={{ height }}
      onKeyDown={(event) => chart.current !== null && onKey(event, chart.current, props.onZoom, props.onReset)}
      onBlur={() => chart.current !== null && leadCursor(chart.current, -10, -10)}
      onMouseLeave={() => highlight?.set(null)}
    >
      <div ref={host} className={styles.host} />
    </div>
  );
}

function rangesOf(
  curves: readonly Curve[],
  xRange: Range | null,
  robust: boolean,
  { logX, logY }: ChartScales,
): { x: Range; y: Range } {
  const lines = curves.map(({ line }) => line);
  const all = placeRange(lines) ?? (logX ? [1, 10] : [0, 1]);
  // A single place gets some room at both sides; uPlot cannot divide by an empty stretch.
  const whole: Range = all[0] < all[1] ? all : logX ? [all[0] / 2, all[1] * 2] : [all[0] - 1, all[1] + 1];
  const x = xRange !== null && !(logX && xRange[0] <= 0) ? xRange : whole;
  // Between two points there is no value, but the line from one to the other.
  const y =
    valueRange(lines, { within: xRange, robust, log: logY }) ?? valueRange(lines, { within: null, robust, log: logY });
  return { x, y: y ?? (logY ? [1, 10] : [0, 1]) };
}

/** uPlot wants places and values; the axes and the cursor need no more than the ends of what is shown. */
function dataFor([from, to]: Range): uPlot.AlignedData {
  return [
    [from, to],
    [null, null],
  ];
}

function onKey(
  event: KeyboardEvent,
  plot: uPlot,
  onZoom: (from: number, to: number) => void,
  onReset: () => void,
): void {
  const width = plot.over.clientWidth;
  const left = plot.cursor.left ?? -1;
  const middle = left < 0 ? width / 2 : left;
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: middle - width * KEY_STEP,
    ArrowRight: middle + width * KEY_STEP,
    Home: 0,
    End: width,
  };
  const next = steps[event.key];
  if (next !== undefined) leadCursor(plot, Math.max(0, Math.min(width, next)), plot.over.clientHeight / 2);
  else if (event.key === "+" || event.key === "=") {
    const from = Math.max(0, middle - (width * KEY_ZOOM) / 2);
    onZoom(plot.posToVal(from, "x"), plot.posToVal(Math.min(width, from + width * KEY_ZOOM), "x"));
  } else if (event.key === "-" || event.key === "Escape") onReset();
  else return;
  event.preventDefault();
}
