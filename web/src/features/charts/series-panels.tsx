/** Panels of many series: a toolbar, sections by namespace, one panel over the whole page. */

import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useAnnotations } from "#api/annotations.ts";
import { type SeriesQuestion, useSectionPaths, useSeriesSections } from "#api/series-paths.ts";
import type { PathSection } from "#api/types.ts";
import type { Change } from "#base/change.ts";
import { X_AXES, type XAxis } from "#base/line.ts";
import { withinGroup } from "#base/path.ts";
import { parseSmoothing } from "#base/smooth.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { More } from "#widgets/more.tsx";
import { Section } from "#widgets/section.tsx";
import { folding } from "#widgets/toggled.ts";
import { Waiting } from "#widgets/waiting.tsx";
import { AnnotationsContext } from "./annotations.ts";
import { ChartPanel } from "./chart-panel.tsx";
import { ChartToolbar } from "./chart-toolbar.tsx";
import { Maximised } from "./maximised.tsx";
import styles from "./series-panels.module.css";
import type { ChartStyle, ChartsView, Drawn } from "./view.ts";
import { ALL, withZoom, type Zoom, zoomOf } from "./zoom.ts";

const ExpressionPanels = lazy(() => import("./expression-panels.tsx").then((m) => ({ default: m.ExpressionPanels })));

interface SeriesPanelsProps {
  readonly drawn: Drawn;
  /** Which series; the same object as long as they are the same. */
  readonly series: SeriesQuestion;
  readonly view: ChartsView;
  readonly onView: (change: Change<ChartsView>) => void;
  /** What to say when there is no series at all; null says nothing. */
  readonly empty: string | null;
  /** The axis when the address names none. */
  readonly defaultX?: XAxis;
  /** Words for a section, where its path alone says little. */
  readonly nameOf?: (namespace: string) => string;
  /** The unit of a series, where it has one. */
  readonly unitOf?: (path: string) => string | null;
  /** What else can be done with the series that the filter leaves, by the first ones, at the end of the toolbar. */
  readonly tools?: (shown: readonly string[], look: ChartStyle) => ReactNode;
}

const PANEL_HEIGHT = 208;

export function SeriesPanels(props: SeriesPanelsProps) {
  const { drawn, series, view, onView, empty, defaultX = "step", nameOf, unitOf, tools } = props;
  const filter = view.filter ?? "";
  const found = useSeriesSections(series, filter);
  const { sections, error } = found;
  const look = useChartStyle(view, defaultX, drawn.groups !== null);
  // Series are put together step by step; over another series there are no steps.
  const exprLook = useMemo(
    () => (look.xAxis === "series" ? { ...look, xAxis: "step" as const, over: null } : look),
    [look],
  );
  const zooms = view.zoom ?? [];
  const zoomingBy = (xAxis: XAxis): Zooming => ({
    zoomOf: (path) => zoomOf(zooms, view.together === true ? ALL : path, xAxis),
    onZoom: (path, zoom) => onView({ zoom: withZoom(zooms, view.together === true ? ALL : path, zoom) }),
    syncKey: `${series.below ?? ""} ${xAxis} ${look.logX}`,
  });
  const zooming = zoomingBy(look.xAxis);
  // An expression that fills the page is drawn by those who draw expressions.
  const single = view.path !== undefined && view.expr?.includes(view.path) ? undefined : view.path;
  const [isAdding, setAdding] = useState(false);
  const top = useRef<HTMLDivElement>(null);
  const shown = useRef(filter);
  useEffect(() => {
    // What a filter finds begins where one can see it, however far down one was.
    if (shown.current !== filter && (top.current?.getBoundingClientRect().top ?? 0) < 0) top.current?.scrollIntoView();
    shown.current = filter;
  }, [filter]);
  const annotations = useAnnotations(useMemo(() => drawn.runs.map(({ run }) => run.id), [drawn.runs]));
  if (found.allCount === 0) return empty === null ? null : <EmptyState title={empty} />;
  // The search is told beside its field; without one the error is not about it.
  const refusal = error !== null && filter !== "" ? error.message : null;
  if (found.allCount === null && refusal === null) {
    return error === null ? <Waiting /> : <ErrorState error={error} onRetry={() => void found.refetch()} />;
  }
  return (
    <AnnotationsContext value={annotations}>
      <div ref={top} className={styles.page}>
        <ChartToolbar
          view={view}
          look={look}
          defaultX={defaultX}
          series={series}
          refusal={refusal}
          isGrouped={drawn.groups !== null}
          onView={onView}
          onExpression={() => setAdding(true)}
          drawn={drawn}
          annotations={annotations}
        >
          {tools?.(
            sections.flatMap(({ paths }) => paths),
            look,
          )}
        </ChartToolbar>
        {(isAdding || view.expr !== undefined) && (
          <Suspense>
            <ExpressionPanels
              drawn={drawn}
              series={series}
              view={view}
              onView={onView}
              look={exprLook}
              {...zoomingBy(exprLook.xAxis)}
              isAdding={isAdding}
              onAdded={() => setAdding(false)}
            />
          </Suspense>
        )}
        {found.count === 0 && refusal === null && (
          <EmptyState title="No series matches the filter">Try fewer or other words.</EmptyState>
        )}
        {sections.map((section, at) => (
          <Section
            key={section.name}
            title={nameOf?.(section.name) ?? (section.name || "(top)")}
            count={section.count}
            {...folding(view, onView, section.name, at === 0 || section.paths.length > 0)}
          >
            <PanelGrid
              drawn={drawn}
              series={series}
              filter={filter}
              section={section}
              look={look}
              unitOf={unitOf}
              zooming={zooming}
              onMaximise={(path) => onView({ path })}
            />
          </Section>
        ))}
        {found.hasNextPage && !found.isFetching && (
          <More key={sections.length} onReached={() => void found.fetchNextPage()} />
        )}
        <Maximised opened={single !== undefined} onClose={() => onView({ path: undefined })}>
          {(height) => (
            <ChartPanel
              drawn={drawn}
              path={single ?? ""}
              title={single ?? ""}
              look={look}
              height={height}
              syncKey={`${zooming.syncKey} alone`}
              onMaximise={null}
              zoom={zooming.zoomOf(single ?? "")}
              onZoom={(zoom) => zooming.onZoom(single ?? "", zoom)}
            />
          )}
        </Maximised>
      </div>
    </AnnotationsContext>
  );
}

/** The same object as long as nothing of it changes, so that lines are made anew only when they must be. */
function useChartStyle(view: ChartsView, defaultX: XAxis, isGrouped: boolean): ChartStyle {
  const wanted = X_AXES.find((name) => name === view.x) ?? defaultX;
  const over = view.over ?? null;
  const { smoothing, log = false, logx = false, robust = false, band = "deviation" } = view;
  return useMemo(() => {
    // Until another series is chosen there is none to draw over.
    const xAxis = isGrouped || (wanted === "series" && over === null) ? "step" : wanted;
    return {
      xAxis,
      over: xAxis === "series" ? over : null,
      smoothing: parseSmoothing(smoothing),
      logX: logx,
      logY: log,
      robust,
      band,
    };
  }, [wanted, over, isGrouped, smoothing, log, logx, robust, band]);
}

interface Zooming {
  readonly zoomOf: (path: string) => Zoom | null;
  readonly onZoom: (path: string, zoom: Zoom | null) => void;
  readonly syncKey: string;
}

interface PanelGridProps {
  readonly drawn: Drawn;
  readonly series: SeriesQuestion;
  readonly filter: string;
  readonly section: PathSection;
  readonly look: ChartStyle;
  readonly unitOf: ((path: string) => string | null) | undefined;
  readonly zooming: Zooming;
  readonly onMaximise: (path: string) => void;
}

function PanelGrid({ drawn, series, filter, section, look, unitOf, zooming, onMaximise }: PanelGridProps) {
  const { name } = section;
  const { paths, more } = useSectionPaths(series, filter, section);
  return (
    <>
      <div className={styles.grid}>
        {paths.map((path) => (
          <ChartPanel
            key={path}
            drawn={drawn}
            path={path}
            title={withUnit(withinGroup(path, name), unitOf?.(path) ?? null)}
            look={look}
            height={PANEL_HEIGHT}
            syncKey={zooming.syncKey}
            onMaximise={() => onMaximise(path)}
            zoom={zooming.zoomOf(path)}
            onZoom={(zoom) => zooming.onZoom(path, zoom)}
          />
        ))}
      </div>
      {more !== null && <More key={paths.length} onReached={more} />}
    </>
  );
}

function withUnit(title: string, unit: string | null): string {
  return unit === null ? title : `${title} (${unit})`;
}
