/** One chart of expressions: a line of each for each run. Fetched and drawn once it comes onto the screen. */

import { type ReactNode, useMemo, useRef } from "react";
import { type SeriesOfRuns, useSeriesOf } from "#api/expression-data.ts";
import { lineColor, lineDash } from "#base/color.ts";
import type { NamedExpression } from "#base/expression.ts";
import { bucketsOfExpression } from "#base/expression-value.ts";
import { lineOf } from "#base/line.ts";
import { useDark } from "#widgets/dark.ts";
import type { Curve } from "#widgets/line-paint.ts";
import { useVisible } from "#widgets/visible.ts";
import panelStyles from "./chart-panel.module.css";
import { bucketsFor } from "./chart-panel.tsx";
import { HEAD_HEIGHT, type NamedLine, PanelFrame } from "./panel-frame.tsx";
import type { ChartStyle, Drawn } from "./view.ts";
import { rangeOf, type Zoom } from "./zoom.ts";

interface ExpressionChartProps {
  readonly text: string;
  readonly expressions: readonly NamedExpression[];
  readonly drawn: Drawn;
  readonly look: ChartStyle;
  readonly syncKey: string;
  readonly zoom: Zoom | null;
  readonly onZoom: (zoom: Zoom | null) => void;
  readonly height?: number;
  /** Whether it fills the page. */
  readonly isMaximised?: boolean;
  readonly onMaximise?: (() => void) | null;
  readonly tools?: ReactNode;
}

const HEIGHT = 260;

export function ExpressionChart(props: ExpressionChartProps) {
  const panel = useRef<HTMLElement>(null);
  const visible = useVisible(panel);
  return (
    <article
      ref={panel}
      className={panelStyles.panel}
      style={{ minHeight: (props.height ?? HEIGHT) + HEAD_HEIGHT }}
      aria-label={props.text}
      data-testid="expression-panel"
      data-path={props.text}
    >
      {visible && <Content {...props} panel={panel} />}
    </article>
  );
}

interface ContentProps extends ExpressionChartProps {
  readonly panel: React.RefObject<HTMLElement | null>;
}

function Content(props: ContentProps) {
  const { text, expressions, drawn, look, syncKey, zoom, onZoom, tools, panel } = props;
  const { height = HEIGHT, isMaximised = false, onMaximise = null } = props;
  const dark = useDark();
  const { runs } = drawn;
  const names = useMemo(() => [...new Set(expressions.flatMap(({ paths }) => paths))], [expressions]);
  const origin = runs.length === 1 ? (runs[0]?.run.created_at ?? null) : null;
  const { data, error, isFetching, refetch } = useSeriesOf({
    runIds: runs.map(({ run }) => run.id),
    paths: names,
    range: zoom === null ? null : rangeOf(zoom, origin),
    maxBuckets: bucketsFor(runs.length, isMaximised),
  });
  const curves = useMemo(
    () => (data === null ? null : curvesOf(data, expressions, drawn, look, dark)),
    [data, expressions, drawn, look, dark],
  );
  return (
    <PanelFrame
      name={text}
      title={text}
      curves={curves}
      last={null}
      look={look}
      height={height}
      syncKey={syncKey}
      panel={panel}
      zoom={zoom}
      onZoom={onZoom}
      onMaximise={onMaximise}
      tools={tools}
      names={namesOf(expressions, drawn, dark)}
      empty={emptyWords(data, names, zoom !== null)}
      error={data === null ? error : null}
      isWaiting={data === null && isFetching}
      onRetry={() => void refetch()}
    />
  );
}

function emptyWords(data: SeriesOfRuns | null, names: readonly string[], zoomed: boolean): string {
  if (data === null || data.size === 0) return "All runs are hidden";
  if (zoomed) return "No points in this stretch";
  const missing = names.filter((name) => [...data.values()].every((series) => !series.get(name)?.rows));
  if (missing.length === 0) return "No run has all of these series at the same steps";
  return `No run has ${missing.join(", ")}. Put backquotes around a path with a slash.`;
}

/** What tells the expressions apart; the page's list names the runs. */
function namesOf(expressions: readonly NamedExpression[], { runs }: Drawn, dark: boolean): NamedLine[] {
  const [only] = runs;
  return expressions.map(({ text }, at) => ({
    id: text,
    label: text,
    color: runs.length === 1 && only !== undefined ? lineColor(only.slot + at, dark) : dark ? "#98a4b1" : "#5b6774",
    dash: runs.length === 1 ? [] : (DASHES[at % DASHES.length] ?? []),
  }));
}

const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

/** A line of each expression for each run: colours tell runs apart, dashes expressions; of one run, colours those. */
function curvesOf(
  data: SeriesOfRuns,
  expressions: readonly NamedExpression[],
  { runs }: Drawn,
  look: ChartStyle,
  dark: boolean,
): Curve[] {
  const isAlone = runs.length === 1;
  const curves = runs.flatMap(({ run, label, slot }) =>
    expressions.flatMap((each, at): Curve[] => {
      const buckets = bucketsOfExpression(each, data.get(run.id) ?? new Map());
      if (buckets === null) return [];
      const { xAxis, smoothing, logX, logY } = look;
      const line = lineOf(buckets, { xAxis, origin: run.created_at, smoothing, logX, logY });
      const said = expressions.length === 1 ? label : `${label}: ${each.text}`;
      return [
        {
          // The list of runs singles out the first of a run's lines.
          id: at === 0 ? run.id : `${run.id} ${at}`,
          label: isAlone ? each.text : said,
          color: lineColor(isAlone ? slot + at : slot, dark),
          dash: isAlone ? [] : expressions.length === 1 ? lineDash(slot) : (DASHES[at % DASHES.length] ?? []),
          // What lies between the extremes of one series and those of another is not known.
          line: { ...line, low: null, high: null },
        },
      ];
    }),
  );
  return curves.filter(({ line }) => line.x.length > 0 || line.hidden > 0);
}
