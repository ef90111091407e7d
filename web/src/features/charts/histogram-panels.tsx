/** Histogram series as heat maps over steps, below the lines. */

import { Loader } from "@mantine/core";
import { useMemo, useRef } from "react";
import { useHistograms } from "#api/queries.ts";
import { type SeriesQuestion, useMorePaths } from "#api/series-paths.ts";
import type { PointPage, Run } from "#api/types.ts";
import type { Change } from "#base/change.ts";
import { lineColor } from "#base/color.ts";
import type { HeatColumn } from "#base/heat-map.ts";
import { formatCount } from "#base/numbers.ts";
import { useDark } from "#widgets/dark.ts";
import { HeatMap } from "#widgets/heat-map.tsx";
import { More } from "#widgets/more.tsx";
import { Section } from "#widgets/section.tsx";
import { folding } from "#widgets/toggled.ts";
import { useVisible } from "#widgets/visible.ts";
import panelStyles from "./chart-panel.module.css";
import styles from "./series-panels.module.css";
import type { ChartsView } from "./view.ts";

interface HistogramPanelsProps {
  readonly run: Run;
  readonly series: SeriesQuestion;
  readonly view: ChartsView;
  readonly onView: (change: Change<ChartsView>) => void;
  /** How many series the filter leaves. */
  readonly count: number;
}

/** Its name in addresses; no section of series has one that ends in a slash. */
const SECTION = "histograms/";

export function HistogramPanels({ run, series, view, onView, count }: HistogramPanelsProps) {
  const filter = view.filter ?? "";
  const { paths, hasNextPage, isFetching, fetchNextPage } = useMorePaths(series, filter, null, null, count > 0);
  if (count === 0) return null;
  return (
    <div className={styles.page}>
      <Section title="Histograms" count={count} {...folding(view, onView, SECTION, true)}>
        <div className={styles.grid}>
          {paths.map((path) => (
            <HistogramPanel key={path} run={run} path={path} />
          ))}
        </div>
        {hasNextPage && !isFetching && <More key={paths.length} onReached={() => void fetchNextPage()} />}
      </Section>
    </div>
  );
}

const HEIGHT = 208;

function HistogramPanel({ run, path }: { readonly run: Run; readonly path: string }) {
  const panel = useRef<HTMLElement>(null);
  const visible = useVisible(panel);
  return (
    <article
      ref={panel}
      className={panelStyles.panel}
      style={{ minHeight: HEIGHT + 34 }}
      aria-label={path}
      data-testid="histogram-panel"
      data-path={path}
    >
      <header className={panelStyles.head}>
        <h3 className={panelStyles.title} title={path}>
          {path}
        </h3>
      </header>
      {visible && <PanelContent run={run} path={path} />}
    </article>
  );
}

function PanelContent({ run, path }: { readonly run: Run; readonly path: string }) {
  const dark = useDark();
  const { data: page, error } = useHistograms(run.id, path);
  const columns = useMemo(() => (page === undefined ? [] : columnsOf(page)), [page]);
  if (page === undefined) {
    return (
      <div className={panelStyles.waiting}>{error === null ? <Loader size={18} color="gray" /> : error.message}</div>
    );
  }
  if (columns.length === 0) return <div className={panelStyles.waiting}>No points yet</div>;
  const words =
    page.total > columns.length
      ? `the last ${formatCount(columns.length)} of ${formatCount(page.total)} steps`
      : `${formatCount(columns.length)} steps`;
  return (
    <>
      <HeatMap columns={columns} color={lineColor(0, dark)} height={HEIGHT} label={`${path}, ${words}`} />
      {page.total > columns.length && <div className={panelStyles.notes}>{words}</div>}
    </>
  );
}

function columnsOf(page: PointPage): HeatColumn[] {
  return page.points.flatMap(({ step, histogram }) =>
    histogram ? [{ step, edges: histogram.edges, counts: histogram.counts }] : [],
  );
}
