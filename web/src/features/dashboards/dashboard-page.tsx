/** A saved page of charts of a project's newest runs, or of chosen ones. Read until one presses Edit. */

import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { useLiveComparison } from "#api/charts.ts";
import { useComparedRuns, useValuesAt } from "#api/comparison.ts";
import { type RunGroup, useGroups } from "#api/groups.ts";
import { useNewestRuns } from "#api/newest-runs.ts";
import { type SeriesQuestion, useFoundPaths } from "#api/series-paths.ts";
import type { Run } from "#api/types.ts";
import type { Band } from "#base/line.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { Highlight, HighlightProvider } from "#widgets/highlight.ts";
import { AddPanel } from "./add-panel.tsx";
import {
  changedPanel,
  type Dashboard,
  type DashboardPanel,
  MOST_MATCHES,
  MOST_PANELS,
  movedPanel,
  type Shown,
  type Size,
  withoutPanel,
  withPanel,
  writtenDashboard,
} from "./dashboard.ts";
import { DashboardMenu } from "./dashboard-menu.tsx";
import styles from "./dashboard-page.module.css";
import { nameOf, PanelFrame } from "./panel-frame.tsx";
import { type ShownRun, ShownRuns, shownRuns } from "./shown-runs.tsx";
import { useDashboard } from "./use-dashboard.ts";
import { Groups, Names, WhichRuns } from "./which-runs.tsx";

export interface DashboardView {
  /** Ids or keys of the runs that are drawn instead of the newest, joined by commas. */
  readonly runs?: string | undefined;
  readonly edit?: boolean | undefined;
  /** Attributes that name the runs instead of those that are saved. */
  readonly legend?: readonly string[] | undefined;
}

/** A chart of a panel, of which one with a filter has several. */
export interface DrawnPanel {
  readonly panel: DashboardPanel;
  /** The panel's, from 0. */
  readonly place: number;
  readonly show: Shown;
  readonly runs: readonly ShownRun[];
  /** Null draws each run. */
  readonly groups: readonly RunGroup[] | null;
  readonly band: Band;
  readonly height: number;
  /** Keeps other zooms with the panel; null while it is only read. */
  readonly onKeepZoom: ((zoom: readonly string[]) => void) | null;
}

interface DashboardPageProps {
  readonly project: string;
  readonly name: string;
  readonly view: DashboardView;
  readonly onView: (patch: DashboardView) => void;
  /** Go to a dashboard that is a copy of this one, or this one under another name. */
  readonly onMade: (name: string) => void;
  /** Leave a dashboard that is gone. */
  readonly onGone: () => void;
  /** A chart, which another feature makes. */
  readonly chart: (drawn: DrawnPanel) => ReactNode;
  /** Puts around the charts of these runs what all of them need. */
  readonly around: (runIds: readonly string[], charts: ReactNode) => ReactNode;
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
}

const HEIGHTS: Readonly<Record<Size, number>> = { small: 190, medium: 240, large: 320 };

export function DashboardPage(props: DashboardPageProps) {
  const { project, name, view, onView, onMade, onGone, chart, around, runLink } = props;
  const { dashboard, isMissing, isPending, error, refetch, problem, change, saveAgain, takeTheirs } = useDashboard(
    project,
    name,
  );
  const editing = view.edit === true;
  useEffect(() => {
    document.title = `${name} · ${project} · Marigram`;
  }, [name, project]);
  if (isMissing) {
    return (
      <EmptyState isPage title={`There is no dashboard ${name}`}>
        Choose another one from the list of dashboards, or make a new one there.
      </EmptyState>
    );
  }
  if (dashboard === null) {
    return isPending || error === null ? (
      <div aria-busy="true" />
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1 className={styles.title}>{name}</h1>
        <div className={styles.tools}>
          <Button
            size="xs"
            variant={editing ? "filled" : "default"}
            onClick={() => onView({ edit: editing ? undefined : true })}
          >
            {editing ? "Done" : "Edit"}
          </Button>
          <DashboardMenu
            project={project}
            name={name}
            content={() => writtenDashboard(dashboard)}
            onMade={onMade}
            onGone={onGone}
          />
        </div>
      </header>
      {problem !== null && (
        <p className={styles.problem} role="alert">
          The last change is not saved.{" "}
          {problem.isConflict ? "Somebody else has changed this dashboard, or deleted it, meanwhile." : problem.text}{" "}
          {problem.isConflict && (
            <Button size="compact-xs" variant="default" onClick={() => void takeTheirs()}>
              Show theirs
            </Button>
          )}{" "}
          <Button size="compact-xs" variant="default" onClick={saveAgain}>
            {problem.isConflict ? "Save mine instead" : "Save again"}
          </Button>
        </p>
      )}
      {editing && (
        <div className={styles.add}>
          {dashboard.panels.length < MOST_PANELS && (
            <AddPanel project={project} onAdd={(show) => change(withPanel(dashboard, show))} />
          )}
          <Groups project={project} dashboard={dashboard} onChange={change} />
          <WhichRuns dashboard={dashboard} onChange={change} />
        </div>
      )}
      <Panels
        project={project}
        dashboard={dashboard}
        view={view}
        onView={onView}
        editing={editing}
        onChange={change}
        chart={chart}
        around={around}
        runLink={runLink}
      />
    </div>
  );
}

const NO_RUNS: readonly Run[] = [];
const NO_NAMES = new Map<string, never>();
/** What names a run if nothing else does. */
const KEY = "sys/id";

interface PanelsProps extends Pick<DashboardPageProps, "project" | "view" | "onView" | "chart" | "around" | "runLink"> {
  readonly dashboard: Dashboard;
  readonly editing: boolean;
  readonly onChange: (next: Dashboard) => void;
}

function Panels(props: PanelsProps) {
  const { project, dashboard, view, onView, editing, onChange, chart, around, runLink } = props;
  const named = useMemo(() => [...new Set((view.runs ?? "").split(",").filter(Boolean))], [view.runs]);
  const chosen = named.length > 0 ? named : dashboard.runs;
  const picked = useComparedRuns(project, chosen);
  const newest = useNewestRuns(project, dashboard.search, chosen.length > 0 ? 0 : dashboard.most);
  const { error } = chosen.length > 0 ? picked : newest;
  const found = chosen.length === 0 ? newest.data : picked.isPending ? undefined : picked.runs;
  const legend = view.legend ?? dashboard.legend;
  const { data: names = NO_NAMES } = useValuesAt(project, found ?? NO_RUNS, legend);
  const runs = useMemo(() => shownRuns(found ?? NO_RUNS, legend, names), [found, legend, names]);
  const runIds = useMemo(() => runs.map(({ run }) => run.id), [runs]);
  const series = useMemo<SeriesQuestion>(() => ({ runIds, kind: "float_series" }), [runIds]);
  const { group, band } = dashboard;
  const { groups, isPending: isGrouping } = useGroups(project, found ?? NO_RUNS, group);
  const highlight = useMemo(() => new Highlight(), []);
  const dragged = useRef<number | null>(null);
  useLiveComparison(project, runIds);
  if (dashboard.panels.length === 0) {
    return (
      <EmptyState title="This dashboard is empty">
        {editing ? "Search for a series above to add its chart." : "Press Edit to add charts."}
      </EmptyState>
    );
  }
  if (error !== null && !found?.length) return <ErrorState error={error} />;
  if (found === undefined || isGrouping) return <div aria-busy="true" />;
  if (found.length === 0) {
    return (
      <EmptyState title="No run matches this dashboard">
        {dashboard.search === "" ? "Log a first run to this project." : `It shows runs of: ${dashboard.search}`}
      </EmptyState>
    );
  }
  const drawn = (panel: DashboardPanel, place: number) => {
    const { show } = panel;
    const onKeepZoom = editing
      ? (zoom: readonly string[]) => onChange(changedPanel(dashboard, panel.id, { zoom }))
      : null;
    const common = { panel, place, runs, groups, band, height: HEIGHTS[panel.size], onKeepZoom };
    const one = (each: Shown) => chart({ ...common, show: each });
    if (!("filter" in show)) return one(show);
    return (
      <Matches series={series} filter={show.filter} size={panel.size} name={nameOf(panel)}>
        {(path) => one({ path })}
      </Matches>
    );
  };
  return (
    <HighlightProvider value={highlight}>
      <ShownRuns runs={runs} groups={groups} isChosen={chosen.length > 0} runLink={runLink}>
        <Names
          project={project}
          chosen={legend}
          onChange={(next) => {
            // Who changes a dashboard names the runs for all, who reads it for this address.
            if (editing) {
              onView({ legend: undefined });
              onChange({ ...dashboard, legend: next });
            } else onView({ legend: next.length > 0 ? next : dashboard.legend.length > 0 ? [KEY] : undefined });
          }}
        />
      </ShownRuns>
      {around(
        runIds,
        <div className={styles.grid} data-testid="dashboard">
          {dashboard.panels.map((panel, place) => (
            <div key={panel.id} className={styles.cell} data-size={"filter" in panel.show ? "large" : panel.size}>
              {editing ? (
                <PanelFrame
                  project={project}
                  isGrouped={group !== ""}
                  panel={panel}
                  place={place}
                  onChange={(change) => onChange(changedPanel(dashboard, panel.id, change))}
                  onRemove={() => onChange(withoutPanel(dashboard, panel.id))}
                  onMove={(to) => onChange(movedPanel(dashboard, panel.id, to))}
                  onDrag={() => {
                    dragged.current = panel.id;
                  }}
                  onDrop={() => {
                    if (dragged.current !== null) onChange(movedPanel(dashboard, dragged.current, place));
                    dragged.current = null;
                  }}
                >
                  {drawn(panel, place)}
                </PanelFrame>
              ) : (
                drawn(panel, place)
              )}
            </div>
          ))}
        </div>,
      )}
    </HighlightProvider>
  );
}

interface MatchesProps {
  readonly series: SeriesQuestion;
  readonly filter: string;
  readonly size: Size;
  readonly name: string;
  readonly children: (path: string) => ReactNode;
}

/** A chart for each of the first series that match. */
function Matches({ series, filter, size, name, children }: MatchesProps) {
  const { data: paths, error } = useFoundPaths(series, filter, MOST_MATCHES);
  if (paths === undefined) return error === null ? <div aria-busy="true" /> : <EmptyState title={error.message} />;
  if (paths.length === 0) return <EmptyState title={`No series matches ${name}`} />;
  return (
    <div className={styles.matches} data-size={size}>
      {paths.map((path) => (
        <div key={path}>{children(path)}</div>
      ))}
    </div>
  );
}
