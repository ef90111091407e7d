/** One path as a panel: its title, a line for each run or group, zoom, and what cannot be drawn said in words. */

import { ActionIcon, Loader, Tooltip } from "@mantine/core";
import { type RefObject, useCallback, useMemo, useRef } from "react";
import { useChart } from "#api/charts.ts";
import type { Buckets } from "#base/buckets.ts";
import { type Line, stepsWithin } from "#base/line.ts";
import { formatCount, formatNumber } from "#base/numbers.ts";
import { useDark } from "#widgets/dark.ts";
import { ExpandIcon } from "#widgets/icons.tsx";
import { LineChart } from "#widgets/line-chart.tsx";
import type { Curve } from "#widgets/line-paint.ts";
import { useVisible } from "#widgets/visible.ts";
import styles from "./chart-panel.module.css";
import { curvesOf } from "./curves.ts";
import { describeHits } from "./describe.ts";
import { ExportMenu } from "./export-menu.tsx";
import type { ChartStyle, Drawn } from "./view.ts";
import { rangeOf, type Zoom, zoomTo } from "./zoom.ts";

interface ChartPanelProps {
  readonly drawn: Drawn;
  readonly path: string;
  readonly title: string;
  readonly look: ChartStyle;
  readonly height: number;
  readonly syncKey: string;
  readonly onMaximise: (() => void) | null;
  /** Null: the whole line. */
  readonly zoom: Zoom | null;
  readonly onZoom: (zoom: Zoom | null) => void;
}

export function ChartPanel(props: ChartPanelProps) {
  const panel = useRef<HTMLElement>(null);
  const visible = useVisible(panel);
  return (
    <article
      ref={panel}
      className={styles.panel}
      style={{ minHeight: props.height + HEAD_HEIGHT }}
      aria-label={props.path}
      data-testid="chart-panel"
      data-path={props.path}
    >
      {visible ? (
        <PanelContent {...props} panel={panel} />
      ) : (
        <header className={styles.head}>
          <h3 className={styles.title}>{props.title}</h3>
        </header>
      )}
    </article>
  );
}

const HEAD_HEIGHT = 34;
/** About one bucket per two device pixels of a wide panel. */
const BUCKETS_ALONE = 1000;
/** About one bucket per pixel of a panel in the grid. */
const BUCKETS_IN_GRID = 400;
/** All lines of a panel together have at most about so many buckets, 96 bytes each. */
const BUCKETS_TOGETHER = 60_000;
const FEWEST_BUCKETS = 120;

/** How many buckets to ask for, for each of `lines` lines. */
function bucketsFor(lines: number, isMaximised: boolean): number {
  if (lines <= 1) return BUCKETS_ALONE;
  const most = Math.max(FEWEST_BUCKETS, Math.floor(BUCKETS_TOGETHER / lines));
  return Math.min(isMaximised ? BUCKETS_ALONE : BUCKETS_IN_GRID, most);
}

interface PanelContentProps extends ChartPanelProps {
  readonly panel: RefObject<HTMLElement | null>;
}

function PanelContent(props: PanelContentProps) {
  const { drawn, path, title, look, height, syncKey, onMaximise, zoom, onZoom, panel } = props;
  const { xAxis, over } = look;
  const { runs, groups } = drawn;
  const dark = useDark();
  const origin = runs.length === 1 ? (runs[0]?.run.created_at ?? null) : null;
  const { data, error, isFetching, refetch } = useChart({
    runIds: runs.map(({ run }) => run.id),
    path,
    range: zoom === null ? null : rangeOf(zoom, origin),
    maxBuckets: bucketsFor(groups?.length ?? runs.length, onMaximise === null),
    over,
    groups: groups === null ? null : new Map(groups.map(({ name, runIds }) => [name, runIds])),
  });
  const curves = useMemo(
    () => (data === undefined ? null : curvesOf(data, drawn, look, dark)),
    [data, drawn, look, dark],
  );
  const onDrawn = useCallback(
    (shown: readonly Curve[]) => {
      if (panel.current !== null) report(panel.current, shown);
    },
    [panel],
  );
  const xRange = useMemo(() => (zoom === null ? null : ([zoom.from, zoom.to] as const)), [zoom]);
  const only = curves?.length === 1 && runs.length === 1 ? curves[0] : undefined;
  const last = only === undefined ? null : lastValue(only.line, data?.buckets.get(only.id));
  const zoomIn = (from: number, to: number) => {
    if (curves === null) return;
    const lines = curves.map(({ line }) => line);
    onZoom(zoomTo(from, to, xAxis, xAxis === "series" ? stepsWithin(lines, from, to) : null) ?? zoom);
  };
  return (
    <>
      <header className={styles.head}>
        <h3 className={styles.title} title={path}>
          {title}
        </h3>
        {last !== null && <span className={styles.last}>{formatNumber(last)}</span>}
        {curves !== null && <Notes curves={curves} />}
        <span className={styles.tools}>
          {zoom !== null && (
            <button type="button" className={styles.reset} onClick={() => onZoom(null)}>
              Reset zoom
            </button>
          )}
          {curves !== null && curves.length > 0 && (
            <ExportMenu path={path} curves={curves} look={look} panel={panel} xRange={xRange} />
          )}
          {onMaximise !== null && (
            <Tooltip label="Maximise" openDelay={400}>
              <ActionIcon
                variant="subtle"
                color="gray"
                size={22}
                aria-label={`Maximise ${path}`}
                className={styles.maximise}
                onClick={onMaximise}
              >
                <ExpandIcon size={13} />
              </ActionIcon>
            </Tooltip>
          )}
        </span>
      </header>
      {curves !== null && curves.length > 0 && (
        <LineChart
          curves={curves}
          scales={look}
          dark={dark}
          robust={look.robust}
          height={height}
          xRange={xRange}
          syncKey={syncKey}
          label={labelOf(path, curves, last)}
          describe={(hits, x) => describeHits(hits, x, xAxis, over)}
          onZoom={zoomIn}
          onReset={() => onZoom(null)}
          onDrawn={onDrawn}
        />
      )}
      {onMaximise === null && curves !== null && curves.length > 1 && <Names curves={curves} />}
      {data === undefined && isFetching && (
        <div className={styles.waiting}>
          <Loader size={18} color="gray" />
        </div>
      )}
      {curves !== null && curves.length === 0 && (
        <div className={styles.waiting}>{emptyWords(runs.length, zoom !== null, over)}</div>
      )}
      {data === undefined && error !== null && (
        <div className={styles.waiting} role="alert">
          <span>{error.message}</span>
          <button type="button" className={styles.reset} onClick={() => void refetch()}>
            Try again
          </button>
        </div>
      )}
    </>
  );
}

/** Whose lines there are, where the page's list of runs is covered. */
function Names({ curves }: { readonly curves: readonly Curve[] }) {
  return (
    <ul className={styles.names}>
      {curves.map(({ id, label, color, dash }) => (
        <li key={id}>
          <svg width="18" height="8" aria-hidden="true">
            <path d="M0 4H18" stroke={color} strokeWidth="3" strokeDasharray={dash.join(" ") || undefined} />
          </svg>
          {label}
        </li>
      ))}
    </ul>
  );
}

function emptyWords(runs: number, zoomed: boolean, over: string | null): string {
  if (runs === 0) return "All runs are hidden";
  if (zoomed) return "No points in this stretch";
  return over === null ? "No points yet" : `No points at which ${over} has a value too`;
}

function labelOf(path: string, curves: readonly Curve[], last: number | null): string {
  const [only] = curves;
  if (last !== null && only !== undefined) {
    return `${path}, ${formatCount(only.line.x.length)} places, last value ${formatNumber(last)}`;
  }
  return `${path}, ${formatCount(curves.length)} ${curves.length === 1 ? "line" : "lines"}`;
}

/** The last value that was logged; of a line that has no buckets, the last that is drawn. */
function lastValue(line: Line, buckets: Buckets | undefined): number {
  if (buckets !== undefined) return buckets.columns.last[buckets.rows - 1] ?? Number.NaN;
  return line.y[line.y.length - 1] ?? Number.NaN;
}

/** What the canvas shows, for whoever measures how long a point takes to be seen. */
function report(panel: HTMLElement, curves: readonly Curve[]): void {
  let points = 0;
  let lastStep = Number.NEGATIVE_INFINITY;
  let lastTime = Number.NEGATIVE_INFINITY;
  for (const { line } of curves) {
    points += line.x.length;
    lastStep = Math.max(lastStep, line.stepLast[line.stepLast.length - 1] ?? lastStep);
    lastTime = Math.max(lastTime, line.time?.[line.time.length - 1] ?? lastTime);
  }
  panel.dataset.points = String(points);
  panel.dataset.lines = String(curves.length);
  panel.dataset.lastStep = Number.isFinite(lastStep) ? String(lastStep) : "";
  panel.dataset.lastTime = Number.isFinite(lastTime) ? String(lastTime) : "";
}

function Notes({ curves }: { readonly curves: readonly Curve[] }) {
  const notes: string[] = [];
  const some = (pick: (line: Line) => number) => curves.reduce((sum, { line }) => sum + pick(line), 0);
  const hidden = some((line) => line.hidden);
  if (hidden > 0) notes.push(`${formatCount(hidden)} ≤ 0 not shown on a log axis`);
  if (some((line) => line.nanAt.length) > 0) notes.push("✕ NaN");
  if (some((line) => line.highInfAt.length) > 0) notes.push("▲ ∞");
  if (some((line) => line.lowInfAt.length) > 0) notes.push("▼ −∞");
  const words = notes.join("  ");
  return words === "" ? null : (
    <span className={styles.notes} title={words}>
      {words}
    </span>
  );
}
