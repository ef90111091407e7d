/** One number of each run against another: a parameter against a result, say. */

import { useElementSize } from "@mantine/hooks";
import { type ReactNode, useMemo, useState } from "react";
import { cellNumber } from "#api/cells.ts";
import { useValues } from "#api/comparison.ts";
import { useColumns } from "#api/queries.ts";
import type { Run } from "#api/types.ts";
import { lineColor } from "#base/color.ts";
import { pearson, spearman } from "#base/correlation.ts";
import { formatCompact, formatNumber } from "#base/numbers.ts";
import { scale } from "#base/scale.ts";
import { roundTicks } from "#base/ticks.ts";
import { useDark } from "#widgets/dark.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { PathSelect } from "#widgets/path-select.tsx";
import type { ComparedRun, CompareView } from "./compare-page.tsx";
import styles from "./scatter.module.css";

interface ScatterProps {
  readonly project: string;
  readonly compared: readonly ComparedRun[];
  readonly view: CompareView;
  readonly onView: (patch: CompareView) => void;
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
}

const NO_VALUES: ReadonlyMap<string, never> = new Map<string, never>();

interface Dot {
  readonly each: ComparedRun;
  readonly x: number;
  readonly y: number;
}

export function Scatter({ project, compared, view, onView, runLink }: ScatterProps) {
  const across = view.across ?? "";
  const up = view.up ?? "";
  const runs = useMemo(() => compared.map(({ run }) => run), [compared]);
  const { data: xs = NO_VALUES, error: xError } = useValues(project, runs, across);
  const { data: ys = NO_VALUES, error: yError } = useValues(project, runs, up);
  const dots = useMemo(
    () =>
      compared.flatMap((each): Dot[] => {
        const x = xs.get(each.run.id);
        const y = ys.get(each.run.id);
        const place = x === undefined ? null : cellNumber(x);
        const height = y === undefined ? null : cellNumber(y);
        return place === null || height === null ? [] : [{ each, x: place, y: height }];
      }),
    [compared, xs, ys],
  );
  const error = xError ?? yError;
  const isChosen = across !== "" && up !== "";
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <NumberSelect
          project={project}
          label="Across"
          value={view.across}
          onChange={(path) => onView({ across: path })}
        />
        <NumberSelect project={project} label="Up" value={view.up} onChange={(path) => onView({ up: path })} />
        {isChosen && dots.length > 0 && <Correlation dots={dots} runs={compared.length} />}
      </div>
      {error !== null && <ErrorState error={error} />}
      {!isChosen && (
        <EmptyState title="Choose two numbers of the runs">
          A parameter across and a result up show how the one goes with the other. Of a series it is the last value.
        </EmptyState>
      )}
      {isChosen && error === null && dots.length === 0 && (
        <EmptyState title="No run has a number at both of these paths" />
      )}
      {isChosen && dots.length > 0 && <Plot dots={dots} across={across} up={up} runLink={runLink} />}
    </div>
  );
}

interface NumberSelectProps {
  readonly project: string;
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (path: string | undefined) => void;
}

const NUMBER_KINDS: readonly string[] = ["int", "float", "float_series"];

function NumberSelect({ project, label, value, onChange }: NumberSelectProps) {
  const [search, setSearch] = useState("");
  const { data } = useColumns(project, search, true);
  const options = (data?.columns ?? []).filter(({ kind }) => NUMBER_KINDS.includes(kind)).map(({ path }) => path);
  return (
    <PathSelect
      label={label}
      placeholder={`${label}: choose a number`}
      className={styles.select}
      testId={`scatter-${label.toLowerCase()}`}
      clearable
      value={value ?? null}
      options={options}
      onSearch={setSearch}
      onChange={(path) => onChange(path ?? undefined)}
    />
  );
}

function Correlation({ dots, runs }: { readonly dots: readonly Dot[]; readonly runs: number }) {
  const xs = dots.map(({ x }) => x);
  const ys = dots.map(({ y }) => y);
  const straight = pearson(xs, ys);
  const ranked = spearman(xs, ys);
  const words = [`${dots.length} of ${runs} runs`];
  if (straight !== null) words.push(`correlation ${straight.toFixed(2).replace("-", "−")}`);
  if (ranked !== null) words.push(`by rank ${ranked.toFixed(2).replace("-", "−")}`);
  return (
    <span className={styles.words} data-testid="correlation">
      {words.join(", ")}
    </span>
  );
}

const HEIGHT = 460;
const LEFT = 64;
const RIGHT = 24;
const TOP = 16;
const BELOW = 46;
const ROOM = 0.06;

interface PlotProps {
  readonly dots: readonly Dot[];
  readonly across: string;
  readonly up: string;
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
}

function Plot({ dots, across, up, runLink }: PlotProps) {
  const { ref, width } = useElementSize();
  const dark = useDark();
  const [shown, setShown] = useState<Dot | null>(null);
  const xs = stretch(dots.map(({ x }) => x));
  const ys = stretch(dots.map(({ y }) => y));
  const right = Math.max(LEFT + 1, width - RIGHT);
  const place = scale(xs, LEFT, right);
  const height = scale(ys, HEIGHT - BELOW, TOP);
  return (
    <>
      <div ref={ref} className={styles.plot} style={{ height: HEIGHT }}>
        {width > 0 && (
          <svg width={width} height={HEIGHT} role="img" aria-label={`${up} against ${across}`}>
            {roundTicks(ys[0], ys[1], 7).map((tick) => (
              <g key={tick}>
                <path d={`M${LEFT} ${height(tick)}H${right}`} className={styles.grid} />
                <text x={LEFT - 8} y={height(tick) + 4} textAnchor="end" className={styles.tick}>
                  {formatCompact(tick)}
                </text>
              </g>
            ))}
            {roundTicks(xs[0], xs[1], Math.max(2, Math.floor(width / 120))).map((tick) => (
              <g key={tick}>
                <path d={`M${place(tick)} ${TOP}V${HEIGHT - BELOW}`} className={styles.grid} />
                <text x={place(tick)} y={HEIGHT - BELOW + 18} textAnchor="middle" className={styles.tick}>
                  {formatCompact(tick)}
                </text>
              </g>
            ))}
            <text x={(LEFT + right) / 2} y={HEIGHT - 8} textAnchor="middle" className={styles.tick}>
              {across}
            </text>
          </svg>
        )}
        {width > 0 &&
          dots.map((dot) => (
            <button
              key={dot.each.run.id}
              type="button"
              aria-label={`${dot.each.label}: ${across} ${formatNumber(dot.x)}, ${up} ${formatNumber(dot.y)}`}
              className={styles.dot}
              data-testid="scatter-dot"
              data-shown={shown?.each.run.id === dot.each.run.id || undefined}
              style={{ left: place(dot.x), top: height(dot.y), background: lineColor(dot.each.slot, dark) }}
              onMouseEnter={() => setShown(dot)}
              onFocus={() => setShown(dot)}
              onClick={() => setShown(dot)}
            />
          ))}
      </div>
      <p className={styles.shown} aria-live="polite">
        {shown === null ? (
          "Point at a dot to see its run."
        ) : (
          <>
            {runLink(shown.each.run, shown.each.label)}: {across} {formatNumber(shown.x)}, {up} {formatNumber(shown.y)}
          </>
        )}
      </p>
    </>
  );
}

/** From the least to the greatest value, with some room. */
function stretch(values: readonly number[]): readonly [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * ROOM;
  return [low - room, high + room];
}
