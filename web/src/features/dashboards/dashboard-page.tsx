/** A saved page of charts of a project's newest runs, or of chosen ones. Read until one presses Edit. */

import { Button, NumberInput } from "@mantine/core";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { useLiveComparison } from "#api/charts.ts";
import { useComparedRuns, useSeriesPaths } from "#api/comparison.ts";
import { useNewestRuns } from "#api/newest-runs.ts";
import type { Run } from "#api/types.ts";
import { pathFilter } from "#base/path.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { Highlight, HighlightProvider } from "#widgets/highlight.ts";
import { SearchInput } from "#widgets/search-input.tsx";
import { AddPanel } from "./add-panel.tsx";
import {
  changedPanel,
  clampedMost,
  type Dashboard,
  type DashboardPanel,
  MOST_MATCHES,
  MOST_PANELS,
  MOST_RUNS,
  movedPanel,
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

export interface DashboardView {
  /** Ids or keys of the runs that are drawn instead of the newest, joined by commas. */
  readonly runs?: string | undefined;
  readonly edit?: boolean | undefined;
}

export interface DrawnPanel {
  readonly panel: DashboardPanel;
  readonly path: string;
  readonly runs: readonly ShownRun[];
  readonly height: number;
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
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
}

const HEIGHTS: Readonly<Record<Size, number>> = { small: 190, medium: 240, large: 320 };

export function DashboardPage(props: DashboardPageProps) {
  const { project, name, view, onView, onMade, onGone, chart, runLink } = props;
  const { dashboard, isMissing, isPending, error, refetch, problem, change, saveAgain } = useDashboard(project, name);
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
          <Button size="xs" variant={editing ? "filled" : "default"} onClick={() => onView({ edit: !editing })}>
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
          The last change is not saved. {problem}{" "}
          <Button size="compact-xs" variant="default" onClick={saveAgain}>
            Save again
          </Button>
        </p>
      )}
      {editing && (
        <div className={styles.add}>
          {dashboard.panels.length < MOST_PANELS && (
            <AddPanel project={project} onAdd={(show) => change(withPanel(dashboard, show))} />
          )}
          <WhichRuns dashboard={dashboard} onChange={change} />
        </div>
      )}
      <Panels
        project={project}
        dashboard={dashboard}
        view={view}
        editing={editing}
        onChange={change}
        chart={chart}
        runLink={runLink}
      />
    </div>
  );
}

interface WhichRunsProps {
  readonly dashboard: Dashboard;
  readonly onChange: (next: Dashboard) => void;
}

function WhichRuns({ dashboard, onChange }: WhichRunsProps) {
  const { length } = dashboard.runs;
  if (length > 0) {
    return (
      <div className={styles.which}>
        {length === 1 ? "1 chosen run" : `${length} chosen runs`}
        <Button size="compact-xs" variant="default" onClick={() => onChange({ ...dashboard, runs: [] })}>
          Show the newest instead
        </Button>
      </div>
    );
  }
  return (
    <div className={styles.which}>
      Newest
      <NumberInput
        size="xs"
        className={styles.most ?? ""}
        aria-label="How many runs"
        min={1}
        max={MOST_RUNS}
        value={dashboard.most}
        onChange={(value) => onChange({ ...dashboard, most: clampedMost(Number(value)) })}
      />
      runs of
      <SearchInput
        className={styles.search}
        label="Which runs"
        placeholder="all, or words, or a query"
        pause={500}
        value={dashboard.search}
        onChange={(search) => onChange({ ...dashboard, search })}
      />
    </div>
  );
}

interface PanelsProps extends Pick<DashboardPageProps, "project" | "view" | "chart" | "runLink"> {
  readonly dashboard: Dashboard;
  readonly editing: boolean;
  readonly onChange: (next: Dashboard) => void;
}

function Panels({ project, dashboard, view, editing, onChange, chart, runLink }: PanelsProps) {
  const named = useMemo(() => [...new Set((view.runs ?? "").split(",").filter(Boolean))], [view.runs]);
  const chosen = named.length > 0 ? named : dashboard.runs;
  const picked = useComparedRuns(project, chosen);
  const newest = useNewestRuns(project, dashboard.search, chosen.length > 0 ? 0 : dashboard.most);
  const found = chosen.length > 0 ? picked.runs : newest.data;
  const runs = useMemo(() => shownRuns(found ?? []), [found]);
  const runIds = useMemo(() => runs.map(({ run }) => run.id), [runs]);
  const { paths } = useSeriesPaths(runIds);
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
  if (found?.length === 0) {
    return (
      <EmptyState title="No run matches this dashboard">
        {dashboard.search === "" ? "Log a first run to this project." : `It shows runs of: ${dashboard.search}`}
      </EmptyState>
    );
  }
  const error = chosen.length > 0 ? picked.error : newest.error;
  if (found === undefined && error !== null) return <ErrorState error={error} />;
  const drawn = (panel: DashboardPanel) => {
    const matches = "path" in panel.show ? [panel.show.path] : paths.filter(pathFilter(panel.show.filter).matches);
    if (matches.length === 0) return <EmptyState title={`No series matches ${nameOf(panel)}`} />;
    const charts = matches
      .slice(0, MOST_MATCHES)
      .map((path) => <div key={path}>{chart({ panel, path, runs, height: HEIGHTS[panel.size] })}</div>);
    return "path" in panel.show ? (
      charts
    ) : (
      <div className={styles.matches} data-size={panel.size}>
        {charts}
      </div>
    );
  };
  return (
    <HighlightProvider value={highlight}>
      <ShownRuns runs={runs} isChosen={chosen.length > 0} runLink={runLink} />
      <div className={styles.grid} data-testid="dashboard">
        {dashboard.panels.map((panel, place) => (
          <div key={panel.id} className={styles.cell} data-size={"filter" in panel.show ? "large" : panel.size}>
            {editing ? (
              <PanelFrame
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
                {drawn(panel)}
              </PanelFrame>
            ) : (
              drawn(panel)
            )}
          </div>
        ))}
      </div>
    </HighlightProvider>
  );
}
