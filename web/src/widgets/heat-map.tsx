/** Histograms over steps on a canvas: the darker (on black: the lighter) a cell, the more was counted there. */

import { useClickOutside } from "@mantine/hooks";
import { type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { type HeatColumn, type HeatScale, heatCells, heatPlace, heatScale } from "#base/heat-map.ts";
import { formatCompact, formatNumber } from "#base/numbers.ts";
import styles from "./heat-map.module.css";

export interface HeatMapProps {
  /** In order of step. */
  readonly columns: readonly HeatColumn[];
  readonly color: string;
  readonly height: number;
  readonly label: string;
}

interface Tip {
  readonly x: number;
  readonly y: number;
  readonly words: readonly string[];
}

export function HeatMap({ columns, color, height, label }: HeatMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [tip, setTip] = useState<Tip | null>(null);
  const map = useClickOutside<HTMLDivElement>(() => setTip(null));
  const scale = useMemo(() => heatScale(columns), [columns]);
  useEffect(() => {
    const target = canvas.current;
    if (target === null || scale === null) return undefined;
    const draw = () => paint(target, columns, scale, color);
    const resize = new ResizeObserver(draw);
    resize.observe(target);
    draw();
    return () => resize.disconnect();
  }, [columns, scale, color]);
  if (scale === null) return null;
  const point = (event: PointerEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width;
    const y = 1 - (event.clientY - box.top) / box.height;
    const place = heatPlace(columns, scale, x, y);
    setTip(place === null ? null : { x, y, words: describe(place.column, place.bin) });
  };
  return (
    <div ref={map} className={styles.map} style={{ height }}>
      <div className={styles.values} aria-hidden="true">
        <span>{formatCompact(scale.high)}</span>
        <span>{formatCompact(scale.low)}</span>
      </div>
      <div className={styles.plot}>
        <canvas
          ref={canvas}
          className={styles.canvas}
          role="img"
          aria-label={label}
          data-testid="heat-map"
          onPointerDown={point}
          onPointerMove={point}
          // What a finger has found stays when it is lifted.
          onPointerLeave={(event) => event.pointerType !== "touch" && setTip(null)}
        />
        {tip !== null && (
          <div
            className={styles.tip}
            style={{
              ...(tip.x < 0.5 ? { left: `${tip.x * 100}%` } : { right: `${(1 - tip.x) * 100}%` }),
              ...(tip.y > 0.5 ? { top: `${(1 - tip.y) * 100}%` } : { bottom: `${tip.y * 100}%` }),
            }}
          >
            {tip.words.map((words) => (
              <span key={words}>{words}</span>
            ))}
          </div>
        )}
      </div>
      <div className={styles.steps} aria-hidden="true">
        <span>{formatCompact(columns[0]?.step ?? 0)}</span>
        <span>{formatCompact(columns.at(-1)?.step ?? 0)}</span>
      </div>
    </div>
  );
}

function describe({ step, edges, counts }: HeatColumn, bin: number | null): string[] {
  const where = `step ${formatNumber(step)}`;
  if (bin === null) return ["0", where];
  const range = `${formatNumber(edges[bin] ?? 0)} … ${formatNumber(edges[bin + 1] ?? 0)}`;
  return [formatNumber(counts[bin] ?? 0), range, where];
}

function paint(target: HTMLCanvasElement, columns: readonly HeatColumn[], scale: HeatScale, color: string): void {
  const context = target.getContext("2d");
  const width = Math.round(target.clientWidth * devicePixelRatio);
  const height = Math.round(target.clientHeight * devicePixelRatio);
  if (context === null || width === 0 || height === 0) return;
  target.width = width;
  target.height = height;
  context.fillStyle = color;
  for (const { left, right, bottom, top, strength } of heatCells(columns, scale)) {
    // Whole pixels: between cells that end within one, a seam would show.
    const x = Math.floor(left * width);
    const y = Math.floor((1 - top) * height);
    context.globalAlpha = strength;
    context.fillRect(
      x,
      y,
      Math.max(1, Math.floor(right * width) - x),
      Math.max(1, Math.floor((1 - bottom) * height) - y),
    );
  }
}
