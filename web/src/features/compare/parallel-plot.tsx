/** The drawing of parallel coordinates: axes, a line for each run, and brushes that are dragged along the axes. */

import { useElementSize } from "@mantine/hooks";
import { type PointerEvent, useState } from "react";
import { lineColor, lineDash } from "#base/color.ts";
import { leafOf } from "#base/path.ts";
import { useDark } from "#widgets/dark.ts";
import { useHighlight, useIsHighlighted } from "#widgets/highlight.ts";
import { type Axis, type Brush, shareOf, valueAt } from "./axes.ts";
import type { ComparedRun } from "./compare-page.tsx";
import styles from "./parallel.module.css";

interface ParallelPlotProps {
  readonly axes: readonly Axis[];
  readonly compared: readonly ComparedRun[];
  readonly brushes: readonly Brush[];
  readonly kept: ReadonlySet<string>;
  readonly onBrush: (path: string, brush: Brush | null) => void;
}

const HEIGHT = 400;
const TOP = 40;
const BOTTOM = 14;
const LEFT = 76;
const RIGHT = 76;
/** Narrower than this, axes could not be told apart: the drawing scrolls. */
const LEAST_GAP = 116;
/** A brush reaches so far to both sides of its axis. */
const REACH = 9;
/** A press that moves less than this takes the brush away. */
const LEAST_DRAG = 4;

export function ParallelPlot({ axes, compared, brushes, kept, onBrush }: ParallelPlotProps) {
  const { ref, width: room } = useElementSize();
  const width = Math.max(room, LEFT + RIGHT + LEAST_GAP * (axes.length - 1));
  const gap = axes.length < 2 ? 0 : (width - LEFT - RIGHT) / (axes.length - 1);
  const across = (at: number) => LEFT + at * gap;
  // Runs that are kept are drawn over the others.
  const ordered = [...compared].sort((a, b) => Number(kept.has(a.run.id)) - Number(kept.has(b.run.id)));
  return (
    <div ref={ref} className={styles.plot} tabIndex={0} role="group" aria-label="Parallel coordinates">
      {room > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={`${compared.length} runs over ${axes.length} axes`}>
          {ordered.map((each) => (
            <RunLine key={each.run.id} each={each} axes={axes} across={across} isKept={kept.has(each.run.id)} />
          ))}
          {axes.map((axis, at) => (
            <AxisLine
              key={axis.path}
              axis={axis}
              x={across(at)}
              labelWidth={Math.min(gap || width, 2 * LEFT)}
              brush={brushes.find(({ path }) => path === axis.path) ?? null}
              onBrush={(brush) => onBrush(axis.path, brush)}
            />
          ))}
        </svg>
      )}
    </div>
  );
}

function down(share: number): number {
  return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
}

interface RunLineProps {
  readonly each: ComparedRun;
  readonly axes: readonly Axis[];
  readonly across: (at: number) => number;
  readonly isKept: boolean;
}

function RunLine({ each, axes, across, isKept }: RunLineProps) {
  const dark = useDark();
  const highlight = useHighlight();
  const { run, slot, label } = each;
  const isHighlighted = useIsHighlighted(run.id);
  let path = "";
  let isBroken = true;
  axes.forEach((axis, at) => {
    const value = axis.values.get(run.id);
    if (value !== undefined) path += `${isBroken ? "M" : "L"}${across(at)} ${down(shareOf(axis, value))}`;
    isBroken = value === undefined;
  });
  if (path === "") return null;
  return (
    <path
      d={path}
      className={styles.line}
      data-testid="parallel-line"
      data-run={run.key}
      data-kept={isKept || undefined}
      data-highlighted={isHighlighted || undefined}
      style={isKept ? { stroke: lineColor(slot, dark) } : undefined}
      strokeDasharray={lineDash(slot).join(" ") || undefined}
      onPointerEnter={() => highlight?.set(isKept ? run.id : null)}
      onPointerLeave={() => highlight?.set(null)}
    >
      <title>{label}</title>
    </path>
  );
}

interface AxisLineProps {
  readonly axis: Axis;
  readonly x: number;
  readonly labelWidth: number;
  readonly brush: Brush | null;
  readonly onBrush: (brush: Brush | null) => void;
}

/** About the width of a letter of the names. */
const LETTER = 7.6;

function AxisLine({ axis, x, labelWidth, brush, onBrush }: AxisLineProps) {
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
  const shareAt = (event: PointerEvent<SVGRectElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (box.bottom - event.clientY) / box.height));
  };
  const finish = () => {
    if (drag === null) return;
    setDrag(null);
    const [from, to] = [Math.min(...drag), Math.max(...drag)];
    const isPress = (to - from) * (HEIGHT - BOTTOM - TOP) < LEAST_DRAG;
    onBrush(isPress ? null : { path: axis.path, low: valueAt(axis, from), high: valueAt(axis, to) });
  };
  const shown = drag ?? (brush === null ? null : ([shareOf(axis, brush.low), shareOf(axis, brush.high)] as const));
  const ends = shown === null ? null : shown.map((share) => Math.min(1, Math.max(0, share)));
  const top = ends === null ? 0 : down(Math.max(...ends));
  const letters = Math.max(8, Math.floor(labelWidth / LETTER));
  return (
    <g data-testid="axis" data-path={axis.path}>
      <text x={x} y={16} textAnchor="middle" className={styles.name}>
        <title>{axis.path}</title>
        {shortened(axis.path, letters)}
      </text>
      <path d={`M${x} ${TOP}V${HEIGHT - BOTTOM}`} className={styles.axis} />
      {axis.ticks.map(({ share, label }) => (
        <g key={label}>
          <path d={`M${x - 4} ${down(share)}H${x}`} className={styles.axis} />
          <text x={x - 7} y={down(share) + 4} textAnchor="end" className={styles.tick}>
            {shortened(label, 12)}
          </text>
        </g>
      ))}
      {ends !== null && (
        <rect
          x={x - REACH}
          y={top}
          width={2 * REACH}
          height={Math.max(2, down(Math.min(...ends)) - top)}
          className={styles.brush}
          data-testid="brush"
        />
      )}
      <rect
        x={x - REACH * 2}
        y={TOP}
        width={REACH * 4}
        height={HEIGHT - BOTTOM - TOP}
        className={styles.handle}
        data-testid="axis-handle"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const share = shareAt(event);
          setDrag([share, share]);
        }}
        onPointerMove={(event) => drag !== null && setDrag([drag[0], shareAt(event)])}
        onPointerUp={finish}
        onPointerCancel={() => setDrag(null)}
      />
    </g>
  );
}

/** The name at its end, where paths differ. */
function shortened(path: string, letters: number): string {
  if (path.length <= letters) return path;
  const leaf = leafOf(path);
  return leaf.length <= letters - 1 ? `…${path.slice(-(letters - 1))}` : `${leaf.slice(0, letters - 1)}…`;
}
