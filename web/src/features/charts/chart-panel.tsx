/** One series as a panel: its title with the last value, its line, zoom, and what cannot be drawn said in words. */

import { ActionIcon, Loader, Tooltip } from "@mantine/core";
import { useCallback, useMemo, useRef } from "react";
import { useBuckets } from "#api/queries.ts";
import type { Run } from "#api/types.ts";
import type { Buckets } from "#base/buckets.ts";
import { lineColor } from "#base/color.ts";
import { type Line, lineOf, stepsWithin, type XAxis } from "#base/line.ts";
import { formatCount, formatNumber } from "#base/numbers.ts";
import { useDark } from "#widgets/dark.ts";
import { CloseIcon, ExpandIcon } from "#widgets/icons.tsx";
import { LineChart } from "#widgets/line-chart.tsx";
import { useVisible } from "#widgets/visible.ts";
import styles from "./chart-panel.module.css";
import { describePlace } from "./describe.ts";
import type { Zoom } from "./zoom.ts";

export interface ChartStyle {
  readonly xAxis: XAxis;
  readonly smoothing: number;
  readonly logY: boolean;
}

interface ChartPanelProps {
  readonly run: Run;
  readonly path: string;
  readonly title: string;
  readonly look: ChartStyle;
  readonly height: number;
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

interface PanelContentProps extends ChartPanelProps {
  readonly panel: { readonly current: HTMLElement | null };
}

function PanelContent({ run, path, title, look, height, onMaximise, zoom, onZoom, panel }: PanelContentProps) {
  const { xAxis, smoothing, logY } = look;
  const dark = useDark();
  const { data: buckets, error, isFetching, refetch } = useBuckets(run.id, path, zoom?.steps ?? null);
  const line = useMemo(
    () => (buckets === undefined ? null : lineOf(buckets, { xAxis, origin: run.created_at, smoothing, logY })),
    [buckets, xAxis, run.created_at, smoothing, logY],
  );
  const drawn = useRef<{ buckets: Buckets; line: Line } | null>(null);
  if (buckets !== undefined && line !== null) drawn.current = { buckets, line };
  const onDrawn = useCallback(
    (shown: Line) => {
      if (panel.current !== null && drawn.current !== null) report(panel.current, drawn.current.buckets, shown);
    },
    [panel],
  );
  const last = buckets === undefined ? Number.NaN : (buckets.columns.last[buckets.rows - 1] ?? Number.NaN);
  const zoomTo = (from: number, to: number) => {
    if (buckets === undefined || line === null) return;
    const steps = stepsWithin(buckets, line, from, to);
    if (steps !== null) onZoom({ steps: { first: steps[0], last: steps[1] }, from, to, xAxis });
  };
  return (
    <>
      <header className={styles.head}>
        <h3 className={styles.title} title={path}>
          {title}
        </h3>
        {buckets !== undefined && buckets.rows > 0 && <span className={styles.last}>{formatNumber(last)}</span>}
        {line !== null && <Notes line={line} />}
        <span className={styles.tools}>
          {zoom !== null && (
            <button type="button" className={styles.reset} onClick={() => onZoom(null)}>
              Reset zoom
            </button>
          )}
          <Tooltip label={onMaximise === null ? "Close" : "Maximise"} openDelay={400}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={22}
              aria-label={onMaximise === null ? "Close" : `Maximise ${path}`}
              className={styles.maximise}
              onClick={() => onMaximise?.()}
              style={onMaximise === null ? { display: "none" } : {}}
            >
              {onMaximise === null ? <CloseIcon size={13} /> : <ExpandIcon size={13} />}
            </ActionIcon>
          </Tooltip>
        </span>
      </header>
      {line !== null && buckets !== undefined && buckets.rows > 0 && (
        <LineChart
          line={line}
          xAxis={xAxis}
          logY={logY}
          look={{ color: lineColor(0, dark), dark }}
          height={height}
          xRange={zoom === null ? null : [zoom.from, zoom.to]}
          syncKey={`${run.id} ${xAxis}`}
          label={`${path}, ${formatCount(buckets.rows)} places, last value ${formatNumber(last)}`}
          describe={(at) => describePlace(buckets, line, at, run.created_at, xAxis)}
          onZoom={zoomTo}
          onReset={() => onZoom(null)}
          onDrawn={onDrawn}
        />
      )}
      {buckets === undefined && isFetching && (
        <div className={styles.waiting}>
          <Loader size={18} color="gray" />
        </div>
      )}
      {buckets !== undefined && buckets.rows === 0 && <div className={styles.waiting}>No points yet</div>}
      {buckets === undefined && error !== null && (
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

/** What the canvas shows, for whoever measures how long a point takes to be seen. */
function report(panel: HTMLElement, buckets: Buckets, line: Line): void {
  const lastRow = buckets.rows - 1;
  panel.dataset.points = String(line.x.length);
  panel.dataset.lastStep = String(buckets.columns.stepLast[lastRow] ?? "");
  panel.dataset.lastTime = String(buckets.columns.timeLast[lastRow] ?? "");
}

function Notes({ line }: { readonly line: Line }) {
  const notes: string[] = [];
  if (line.hidden > 0) notes.push(`${formatCount(line.hidden)} ≤ 0 not shown on a log axis`);
  if (line.nanAt.length > 0) notes.push("✕ NaN");
  if (line.highInfAt.length > 0) notes.push("▲ ∞");
  if (line.lowInfAt.length > 0) notes.push("▼ −∞");
  const words = notes.join("  ");
  return words === "" ? null : (
    <span className={styles.notes} title={words}>
      {words}
    </span>
  );
}
