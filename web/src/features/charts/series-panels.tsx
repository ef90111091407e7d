/** Panels of many series: a toolbar, sections by namespace, one panel over the whole page. */

import { Modal } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useAnnotations } from "#api/annotations.ts";
import { X_AXES, type XAxis } from "#base/line.ts";
import { groupByNamespace, type PathGroup, pathFilter, withinGroup } from "#base/path.ts";
import { parseSmoothing } from "#base/smooth.ts";
import { EmptyState } from "#widgets/empty-state.tsx";
import { Section } from "#widgets/section.tsx";
import { useVisible } from "#widgets/visible.ts";
import { AnnotationsContext } from "./annotations.ts";
import { ChartPanel } from "./chart-panel.tsx";
import { ChartToolbar } from "./chart-toolbar.tsx";
import styles from "./series-panels.module.css";
import type { ChartStyle, ChartsView, Drawn } from "./view.ts";
import { ALL, withZoom, type Zoom, zoomOf } from "./zoom.ts";

const ExpressionPanels = lazy(() => import("./expression-panels.tsx").then((m) => ({ default: m.ExpressionPanels })));

interface SeriesPanelsProps {
  readonly drawn: Drawn;
  readonly paths: readonly string[];
  readonly view: ChartsView;
  readonly onView: (patch: ChartsView) => void;
  /** What to say when there is no series at all. */
  readonly empty: string;
  /** The axis when the address names none. */
  readonly defaultX?: XAxis;
  /** How many segments of a path name its section. */
  readonly depth?: number;
  /** Words for a section, where its path alone says little. */
  readonly nameOf?: (namespace: string) => string;
  /** The unit of a series, where it has one. */
  readonly unitOf?: (path: string) => string | null;
  /** What else can be done with the series that the filter leaves, at the end of the toolbar. */
  readonly tools?: (shown: readonly string[], look: ChartStyle) => ReactNode;
}

const PANEL_HEIGHT = 208;
/** So many panels of a section are in the page at first, and so many more each time that one has scrolled to its end. */
const PANELS_AT_ONCE = 96;
/** Sections start open until so many panels are on the page. */
const OPEN_PANELS = 300;

export function SeriesPanels(props: SeriesPanelsProps) {
  const { drawn, paths, view, onView, empty, defaultX = "step", depth = 1, nameOf, unitOf, tools } = props;
  const filter = view.filter ?? "";
  const names = paths.join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: live answers bring new lists of the same paths.
  const groups = useMemo(
    () => groupByNamespace(paths.filter(pathFilter(filter).matches), depth),
    [names, filter, depth],
  );
  const open = useMemo(() => firstSections(groups), [groups]);
  const look = useChartStyle(view, defaultX, drawn.groups !== null);
  // Series are put together step by step; over another series there are no steps.
  const exprLook = useMemo(
    () => (look.xAxis === "series" ? { ...look, xAxis: "step" as const, over: null } : look),
    [look],
  );
  const zooms = view.zoom ?? [];
  const zooming: Zooming = {
    zoomOf: (path) => zoomOf(zooms, view.together === true ? ALL : path, look.xAxis),
    onZoom: (path, zoom) => onView({ zoom: withZoom(zooms, view.together === true ? ALL : path, zoom) }),
    syncKey: `${paths[0] ?? ""} ${look.xAxis} ${look.logX}`,
  };
  const [isAdding, setAdding] = useState(false);
  const annotations = useAnnotations(useMemo(() => drawn.runs.map(({ run }) => run.id), [drawn.runs]));
  if (paths.length === 0) return <EmptyState title={empty} />;
  return (
    <AnnotationsContext value={annotations}>
      <div className={styles.page}>
        <ChartToolbar
          view={view}
          look={look}
          defaultX={defaultX}
          paths={paths}
          isGrouped={drawn.groups !== null}
          onView={onView}
          onExpression={() => setAdding(true)}
          drawn={drawn}
          annotations={annotations}
        >
          {tools?.(
            groups.flatMap((group) => group.paths),
            look,
          )}
        </ChartToolbar>
        {(isAdding || view.expr !== undefined) && (
          <Suspense>
            <ExpressionPanels
              drawn={drawn}
              paths={paths}
              view={view}
              onView={onView}
              look={exprLook}
              {...zooming}
              isAdding={isAdding}
              onAdded={() => setAdding(false)}
            />
          </Suspense>
        )}
        {groups.length === 0 && <EmptyState title="No series matches the filter">Try fewer or other words.</EmptyState>}
        {groups.map((group) => (
          <Section
            // A filter is about what is found, so all that is found is shown, whatever was closed before.
            key={`${filter === "" ? "all" : "found"} ${group.name}`}
            title={nameOf?.(group.name) ?? (group.name || "(top)")}
            count={group.paths.length}
            initiallyOpen={open.has(group.name)}
          >
            <PanelGrid
              drawn={drawn}
              group={group}
              look={look}
              unitOf={unitOf}
              zooming={zooming}
              onMaximise={(path) => onView({ path })}
            />
          </Section>
        ))}
        <Maximised
          drawn={drawn}
          path={view.path}
          paths={paths}
          look={look}
          zooming={zooming}
          onClose={() => onView({ path: undefined })}
        />
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

/** Names of the sections that start open: always the first one, then as many as make a page that is still quick. */
function firstSections(groups: readonly PathGroup[]): ReadonlySet<string> {
  const open = new Set<string>();
  let panels = 0;
  for (const { name, paths } of groups) {
    if (panels >= OPEN_PANELS) break;
    open.add(name);
    panels += Math.min(paths.length, PANELS_AT_ONCE);
  }
  return open;
}

interface Zooming {
  readonly zoomOf: (path: string) => Zoom | null;
  readonly onZoom: (path: string, zoom: Zoom | null) => void;
  readonly syncKey: string;
}

interface PanelGridProps {
  readonly drawn: Drawn;
  readonly group: PathGroup;
  readonly look: ChartStyle;
  readonly unitOf: ((path: string) => string | null) | undefined;
  readonly zooming: Zooming;
  readonly onMaximise: (path: string) => void;
}

function PanelGrid({ drawn, group, look, unitOf, zooming, onMaximise }: PanelGridProps) {
  const { name, paths } = group;
  const [limit, setLimit] = useState(PANELS_AT_ONCE);
  return (
    <>
      <div className={styles.grid}>
        {paths.slice(0, limit).map((path) => (
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
      {limit < paths.length && <More key={limit} onReached={() => setLimit(limit + PANELS_AT_ONCE)} />}
    </>
  );
}

/** The end of what is in the page: when one comes close to it, there is more. */
function More({ onReached }: { readonly onReached: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  const visible = useVisible(end);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the end is reached.
  useEffect(() => {
    if (visible) onReached();
  }, [visible]);
  return <div ref={end} className={styles.more} />;
}

function withUnit(title: string, unit: string | null): string {
  return unit === null ? title : `${title} (${unit})`;
}

interface MaximisedProps {
  readonly drawn: Drawn;
  readonly path: string | undefined;
  readonly paths: readonly string[];
  readonly look: ChartStyle;
  readonly zooming: Zooming;
  readonly onClose: () => void;
}

function Maximised({ drawn, path, paths, look, zooming, onClose }: MaximisedProps) {
  const open = path !== undefined && paths.includes(path);
  return (
    <Modal
      opened={open}
      onClose={onClose}
      size="min(1400px, 96vw)"
      title="Chart"
      centered
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {open && (
        <ChartPanel
          drawn={drawn}
          path={path}
          title={path}
          look={look}
          height={Math.round(window.innerHeight * 0.62)}
          syncKey={`${zooming.syncKey} alone`}
          onMaximise={null}
          zoom={zooming.zoomOf(path)}
          onZoom={(zoom) => zooming.onZoom(path, zoom)}
        />
      )}
    </Modal>
  );
}
