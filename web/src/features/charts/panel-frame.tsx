/** What every panel has around its lines: title, zoom, export, what cannot be drawn said in words. It never fetches. */

import { ActionIcon, Loader, Tooltip } from "@mantine/core";
import { type ReactNode, type RefObject, use, useCallback, useMemo } from "react";
import { type Line, stepsWithin } from "#base/line.ts";
import { formatCount, formatNumber } from "#base/numbers.ts";
import { useDark } from "#widgets/dark.ts";
import { ExpandIcon } from "#widgets/icons.tsx";
import { LineChart } from "#widgets/line-chart.tsx";
import type { Curve } from "#widgets/line-paint.ts";
import { AnnotationsContext, pinsOf } from "./annotations.ts";
import styles from "./chart-panel.module.css";
import { describeHits } from "./describe.ts";
import { ExportMenu } from "./export-menu.tsx";
import type { ChartStyle } from "./view.ts";
import { type Zoom, zoomTo } from "./zoom.ts";

export const HEAD_HEIGHT = 34;

export type NamedLine = Pick<Curve, "id" | "label" | "color" | "dash">;

interface PanelFrameProps {
  /** What the panel is called where it is saved, and read aloud. */
  readonly name: string;
  readonly title: ReactNode;
  /** Null until there is an answer. */
  readonly curves: readonly Curve[] | null;
  /** The value that the title tells of a single line. */
  readonly last: number | null;
  readonly look: ChartStyle;
  readonly height: number;
  readonly syncKey: string;
  readonly panel: RefObject<HTMLElement | null>;
  readonly zoom: Zoom | null;
  readonly onZoom: (zoom: Zoom | null) => void;
  readonly onMaximise: (() => void) | null;
  /** What an address calls the chart that fills the page; its name if that is not said. */
  readonly addressName?: string | undefined;
  /** What else stands at the right of the title. */
  readonly tools?: ReactNode;
  /** What is named below; all lines of a panel that fills the page, none in others. */
  readonly names?: readonly NamedLine[];
  /** What to say when there is no line. */
  readonly empty: string;
  readonly error: Error | null;
  readonly isWaiting: boolean;
  readonly onRetry: () => void;
}

export function PanelFrame(props: PanelFrameProps) {
  const { name, title, curves, last, look, height, syncKey, panel, zoom, onZoom, onMaximise } = props;
  const { tools, empty, error, isWaiting, onRetry } = props;
  const { names = onMaximise === null ? (curves ?? []) : [] } = props;
  const { xAxis, over } = look;
  const dark = useDark();
  const annotations = use(AnnotationsContext);
  const pins = useMemo(() => pinsOf(curves ?? [], annotations, xAxis), [curves, annotations, xAxis]);
  const onDrawn = useCallback(
    (shown: readonly Curve[]) => {
      if (panel.current !== null) report(panel.current, shown, pins.length);
    },
    [panel, pins],
  );
  const xRange = useMemo(() => (zoom === null ? null : ([zoom.from, zoom.to] as const)), [zoom]);
  const zoomIn = (from: number, to: number) => {
    if (curves === null) return;
    const lines = curves.map(({ line }) => line);
    onZoom(zoomTo(from, to, xAxis, xAxis === "series" ? stepsWithin(lines, from, to) : null) ?? zoom);
  };
  return (
    <>
      <header className={styles.head}>
        <h3 className={styles.title} title={name}>
          {title}
        </h3>
        {last !== null && <span className={styles.last}>{formatNumber(last)}</span>}
        {curves !== null && <Notes curves={curves} />}
        <span className={styles.tools}>
          {tools}
          {zoom !== null && (
            <button type="button" className={styles.reset} onClick={() => onZoom(null)}>
              Reset zoom
            </button>
          )}
          {curves !== null && curves.length > 0 && (
            <ExportMenu
              path={name}
              addressName={props.addressName ?? name}
              curves={curves}
              pins={pins}
              look={look}
              panel={panel}
              xRange={xRange}
            />
          )}
          {onMaximise !== null && (
            <Tooltip label="Maximise" openDelay={400}>
              <ActionIcon
                variant="subtle"
                color="gray"
                size={22}
                aria-label={`Maximise ${name}`}
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
          pins={pins}
          scales={look}
          dark={dark}
          robust={look.robust}
          height={height}
          xRange={xRange}
          syncKey={syncKey}
          label={labelOf(name, curves, last)}
          describe={(hits, x) => describeHits(hits, x, xAxis, over)}
          onZoom={zoomIn}
          onReset={() => onZoom(null)}
          onDrawn={onDrawn}
        />
      )}
      {names.length > 1 && <Names names={names} />}
      {isWaiting && (
        <div className={styles.waiting}>
          <Loader size={18} color="gray" />
        </div>
      )}
      {curves !== null && curves.length === 0 && <div className={styles.waiting}>{empty}</div>}
      {error !== null && (
        <div className={styles.waiting} role="alert">
          <span>{error.message}</span>
          <button type="button" className={styles.reset} onClick={onRetry}>
            Try again
          </button>
        </div>
      )}
    </>
  );
}

/** Whose lines there are, where the page's list of runs is covered. */
function Names({ names }: { readonly names: readonly NamedLine[] }) {
  return (
    <ul className={styles.names}>
      {names.map(({ id, label, color, dash }) => (
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

function labelOf(path: string, curves: readonly Curve[], last: number | null): string {
  const [only] = curves;
  if (last !== null && only !== undefined) {
    return `${path}, ${formatCount(only.line.x.length)} places, last value ${formatNumber(last)}`;
  }
  return `${path}, ${formatCount(curves.length)} ${curves.length === 1 ? "line" : "lines"}`;
}

/** What the canvas shows, for whoever measures how long a point takes to be seen. */
function report(panel: HTMLElement, curves: readonly Curve[], pins: number): void {
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
  panel.dataset.pins = String(pins);
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
  if (some((line) => line.someInfAt.length) > 0) notes.push("◆ ±∞");
  const words = notes.join("  ");
  return words === "" ? null : (
    <span className={styles.notes} title={words}>
      {words}
    </span>
  );
}
