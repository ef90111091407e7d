/** One chart of a dashboard, also over the whole page: of a series or of an expression, as its panel says. */

import { useMemo } from "react";
import { parseExpressions } from "#base/expression.ts";
import { parseSmoothing } from "#base/smooth.ts";
import { ChartPanel } from "#features/charts/chart-panel.tsx";
import { ExpressionChart } from "#features/charts/expression-chart.tsx";
import { Maximised } from "#features/charts/maximised.tsx";
import type { ChartStyle, Drawn } from "#features/charts/view.ts";
import type { Zoom } from "#features/charts/zoom.ts";
import type { Shown } from "#features/dashboards/dashboard.ts";
import type { DrawnPanel } from "#features/dashboards/dashboard-page.tsx";
import { EmptyState } from "#widgets/empty-state.tsx";
import { keptZoom, nameOfChart, shownZoom, withKeptZoom, withShownZoom } from "./dashboard-zoom.ts";
import type { DashboardSearch } from "./search.ts";

interface DashboardChartProps {
  readonly drawn: DrawnPanel;
  readonly search: DashboardSearch;
  readonly onSearch: (patch: DashboardSearch) => void;
}

export function DashboardChart({ drawn: { show, height, ...drawn }, search, onSearch }: DashboardChartProps) {
  const { panel, place, runs, groups, band, onKeepZoom } = drawn;
  const { smoothing, log, logx, robust } = panel;
  // Groups are drawn over steps and over nothing else.
  const isGrouped = groups !== null;
  const x = isGrouped ? "step" : panel.x;
  const over = isGrouped ? null : panel.over;
  // The same objects as long as nothing of them changes, so that lines are made anew only when they must be.
  const look = useMemo(
    () => ({
      xAxis: x,
      over,
      smoothing: parseSmoothing(smoothing),
      logX: logx,
      logY: log,
      robust,
      band,
    }),
    [x, over, smoothing, log, logx, robust, band],
  );
  const lines = useMemo(() => ({ runs, groups }), [runs, groups]);
  const path = "path" in show ? show.path : show.expression;
  const chart = { panel, place, path, x };
  const name = nameOfChart(chart);
  const zooms = search.zoom ?? [];
  const common = {
    show,
    addressName: name,
    drawn: lines,
    look,
    // Who changes a dashboard sees and changes what all will see.
    zoom: onKeepZoom === null ? shownZoom(zooms, chart) : keptZoom(chart),
    onZoom: (zoom: Zoom | null) =>
      onKeepZoom === null
        ? onSearch({ zoom: withShownZoom(zooms, chart, zoom) })
        : onKeepZoom(withKeptZoom(chart, zoom)),
  };
  return (
    <>
      <Chart
        {...common}
        height={height}
        syncKey={`dashboard ${x} ${over ?? ""} ${logx}`}
        onMaximise={() => onSearch({ path: name })}
      />
      <Maximised opened={search.path === name} onClose={() => onSearch({ path: undefined })}>
        {(filled) => <Chart {...common} height={filled} syncKey="dashboard alone" onMaximise={null} />}
      </Maximised>
    </>
  );
}

interface ChartProps {
  readonly show: Shown;
  readonly addressName: string;
  readonly drawn: Drawn;
  readonly look: ChartStyle;
  readonly height: number;
  readonly syncKey: string;
  readonly zoom: Zoom | null;
  readonly onZoom: (zoom: Zoom | null) => void;
  readonly onMaximise: (() => void) | null;
}

function Chart({ show, ...chart }: ChartProps) {
  return "path" in show ? (
    <ChartPanel path={show.path} title={show.path} {...chart} />
  ) : (
    <OfExpression text={show.expression} {...chart} />
  );
}

function OfExpression({ text, ...chart }: Omit<ChartProps, "show"> & { readonly text: string }) {
  const { expressions, problem } = useMemo(() => parseExpressions(text), [text]);
  if (expressions === null) return <EmptyState title={text}>{problem.message}</EmptyState>;
  return <ExpressionChart text={text} expressions={expressions} isMaximised={chart.onMaximise === null} {...chart} />;
}
