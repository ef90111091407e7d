/** One path as a panel: a line for each run or group. Fetched and drawn once it comes onto the screen. */

import { type RefObject, useMemo, useRef } from "react";
import { useChart } from "#api/charts.ts";
import { type Buckets, column } from "#base/buckets.ts";
import type { Line } from "#base/line.ts";
import { lowerBound } from "#base/lower-bound.ts";
import { reachOf } from "#base/smooth.ts";
import { useDark } from "#widgets/dark.ts";
import { useVisible } from "#widgets/visible.ts";
import styles from "./chart-panel.module.css";
import { curvesOf } from "./curves.ts";
import { HEAD_HEIGHT, PanelFrame } from "./panel-frame.tsx";
import { useRange } from "./use-range.ts";
import type { ChartStyle, Drawn } from "./view.ts";
import { besideOf, type Zoom } from "./zoom.ts";

interface ChartPanelProps {
  readonly drawn: Drawn;
  readonly path: string;
  readonly title: string;
  /** What an address calls the chart, if not as it is called here. */
  readonly addressName?: string;
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

/** About one bucket per two device pixels of a wide panel. */
const BUCKETS_ALONE = 1000;
/** About one bucket per pixel of a panel in the grid. */
const BUCKETS_IN_GRID = 400;
/** All lines of a panel together have at most about so many buckets, 96 bytes each. */
const BUCKETS_TOGETHER = 60_000;
const FEWEST_BUCKETS = 120;

/** How many buckets to ask for, for each of `lines` lines. */
export function bucketsFor(lines: number, isMaximised: boolean): number {
  if (lines <= 1) return BUCKETS_ALONE;
  const most = Math.max(FEWEST_BUCKETS, Math.floor(BUCKETS_TOGETHER / lines));
  return Math.min(isMaximised ? BUCKETS_ALONE : BUCKETS_IN_GRID, most);
}

interface PanelContentProps extends ChartPanelProps {
  readonly panel: RefObject<HTMLElement | null>;
}

function PanelContent(props: PanelContentProps) {
  const { drawn, path, title, look, height, syncKey, onMaximise, zoom, onZoom, panel } = props;
  const { runs, groups } = drawn;
  const dark = useDark();
  const range = useRange(zoom, drawn);
  const { data, error, isFetching, isPlaceholderData, refetch } = useChart({
    runIds: runs.map(({ run }) => run.id),
    path,
    range,
    beside: besideOf(runs.length, reachOf(look.smoothing)),
    maxBuckets: bucketsFor(groups?.length ?? runs.length, onMaximise === null),
    over: look.over,
    groups: groups === null ? null : new Map(groups.map(({ name, runIds }) => [name, runIds])),
  });
  const found = useMemo(
    () => (data === undefined ? null : curvesOf(data, drawn, look, dark, range)),
    [data, drawn, look, dark, range],
  );
  // The answer to the question before may have nothing for this one; that does not say that there is nothing.
  const curves = isPlaceholderData && found?.length === 0 ? null : found;
  const only = curves?.length === 1 && runs.length === 1 ? curves[0] : undefined;
  const last = only === undefined ? null : lastValue(only.line, data?.buckets.get(only.id), zoom);
  return (
    <PanelFrame
      name={path}
      title={title}
      curves={curves}
      last={last}
      look={look}
      height={height}
      syncKey={syncKey}
      panel={panel}
      zoom={zoom}
      onZoom={onZoom}
      onMaximise={onMaximise}
      addressName={props.addressName}
      empty={emptyWords(runs.length, zoom !== null, look.over)}
      error={data === undefined ? error : null}
      isWaiting={curves === null && isFetching}
      onRetry={() => void refetch()}
    />
  );
}

function emptyWords(runs: number, zoomed: boolean, over: string | null): string {
  if (runs === 0) return "All runs are hidden";
  if (zoomed) return "No points in this stretch";
  return over === null ? "No points yet" : `No points at which ${over} has a value too`;
}

/** The last value that was logged of what is shown; of a line that has no buckets, the last that is drawn. */
function lastValue(line: Line, buckets: Buckets | undefined, zoom: Zoom | null): number {
  // A line goes on beyond the edge of a zoom.
  const at = line.x.findLastIndex((x) => zoom === null || x <= zoom.to);
  if (buckets === undefined) return line.value[at] ?? Number.NaN;
  const row = zoom === null ? buckets.rows - 1 : lowerBound(column(buckets, "stepLast"), line.stepLast[at] ?? 0);
  return buckets.columns.last[row] ?? Number.NaN;
}
