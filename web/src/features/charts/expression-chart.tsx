/** One chart of expressions: a line of each for each run or group. Fetched and drawn once it comes onto the screen. */

import { type ReactNode, useMemo, useRef } from "react";
import { type SeriesOfRuns, useSeriesOf } from "#api/expression-data.ts";
import { lineColor, lineDash } from "#base/color.ts";
import type { NamedExpression } from "#base/expression.ts";
import { bucketsOfExpression, reachOfExpression } from "#base/expression-value.ts";
import { type Line, type LineOptions, lineOf, lineOfGroup } from "#base/line.ts";
import { bandOf } from "#base/run-band.ts";
import type { SeriesRange } from "#base/series-range.ts";
import { reachOf } from "#base/smooth.ts";
import { useDark } from "#widgets/dark.ts";
import type { Curve } from "#widgets/line-paint.ts";
import { useVisible } from "#widgets/visible.ts";
import panelStyles from "./chart-panel.module.css";
import { bucketsFor } from "./chart-panel.tsx";
import { HEAD_HEIGHT, type NamedLine, PanelFrame } from "./panel-frame.tsx";
import { useRange } from "./use-range.ts";
import type { ChartStyle, Drawn } from "./view.ts";
import { besideOf, type Zoom } from "./zoom.ts";

interface ExpressionChartProps {
  readonly text: string;
  /** What an address calls the chart, if not as it is called here. */
  readonly addressName?: string;
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
  const range = useRange(zoom, drawn);
  const { data, error, isFetching, refetch } = useSeriesOf({
    runIds: runs.map(({ run }) => run.id),
    paths: names,
    range,
    beside: besideOf(
      runs.length,
      reachOf(look.smoothing),
      ...expressions.map(({ expression }) => reachOfExpression(expression)),
    ),
    maxBuckets: bucketsFor(runs.length, isMaximised),
  });
  const curves = useMemo(
    () => (data === null ? null : curvesOf(data, expressions, drawn, look, dark, isMaximised, range)),
    [data, expressions, drawn, look, dark, isMaximised, range],
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
      addressName={props.addressName}
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

/** What tells the expressions apart; the page's list names the runs or groups. */
function namesOf(expressions: readonly NamedExpression[], { runs, groups }: Drawn, dark: boolean): NamedLine[] {
  const drawn = groups ?? runs;
  const only = drawn.length === 1 ? drawn[0] : undefined;
  return expressions.map(({ text }, at) => ({
    id: text,
    label: text,
    color: only !== undefined ? lineColor(only.slot + at, dark) : dark ? "#98a4b1" : "#5b6774",
    dash: only !== undefined ? [] : (DASHES[at % DASHES.length] ?? []),
  }));
}

const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

/** What is drawn in one colour: a run, or a group of runs. */
interface Subject {
  readonly id: string;
  readonly label: string;
  readonly slot: number;
  readonly lineOf: (expression: NamedExpression) => Line | null;
}

/** A line of each expression for each run or group: colours tell those apart, dashes expressions; of one, colours those. */
function curvesOf(
  data: SeriesOfRuns,
  expressions: readonly NamedExpression[],
  drawn: Drawn,
  look: ChartStyle,
  dark: boolean,
  isMaximised: boolean,
  within: SeriesRange | null,
): Curve[] {
  const subjects = subjectsOf(data, drawn, look, isMaximised, within);
  const isAlone = subjects.length === 1;
  const curves = subjects.flatMap(({ id, label, slot, lineOf: drawnLine }) =>
    expressions.flatMap((each, at): Curve[] => {
      const line = drawnLine(each);
      if (line === null) return [];
      const said = expressions.length === 1 ? label : `${label}: ${each.text}`;
      return [
        {
          // The page's list singles out the first line of a run or group.
          id: at === 0 ? id : `${id} ${at}`,
          label: isAlone ? each.text : said,
          color: lineColor(isAlone ? slot + at : slot, dark),
          dash: isAlone ? [] : expressions.length === 1 ? lineDash(slot) : (DASHES[at % DASHES.length] ?? []),
          line,
        },
      ];
    }),
  );
  return curves.filter(({ line }) => line.x.length > 0 || line.hidden > 0);
}

function subjectsOf(
  data: SeriesOfRuns,
  { runs, groups }: Drawn,
  look: ChartStyle,
  isMaximised: boolean,
  within: SeriesRange | null,
): Subject[] {
  const { xAxis, smoothing, logX, logY } = look;
  const options = (origin: number): LineOptions => ({ xAxis, origin, smoothing, logX, logY, within });
  const bucketsOf = (runId: string, expression: NamedExpression) =>
    bucketsOfExpression(expression, data.get(runId) ?? new Map());
  if (groups === null) {
    return runs.map(({ run, label, slot }) => ({
      id: run.id,
      label,
      slot,
      lineOf: (expression) => {
        const buckets = bucketsOf(run.id, expression);
        if (buckets === null) return null;
        // What lies between the extremes of one series and those of another is not known.
        return { ...lineOf(buckets, options(run.created_at)), low: null, high: null };
      },
    }));
  }
  const places = bucketsFor(groups.length, isMaximised);
  return groups.map(({ name, slot, runIds }) => ({
    id: `group ${name}`,
    label: name,
    slot,
    lineOf: (expression) => {
      const found = runIds.flatMap((runId) => bucketsOf(runId, expression) ?? []);
      return found.length === 0 ? null : lineOfGroup(bandOf(found, places), look.band, options(0));
    },
  }));
}
