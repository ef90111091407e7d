/** Joins a dashboard to its address, and to the charts. */

import { Modal } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { parseSmoothing } from "#base/smooth.ts";
import { ChartPanel } from "#features/charts/chart-panel.tsx";
import { withZoom, type Zoom, zoomOf } from "#features/charts/zoom.ts";
import { DashboardPage, type DrawnPanel } from "#features/dashboards/dashboard-page.tsx";
import { dashboardRoute } from "./router.tsx";
import type { DashboardSearch } from "./search.ts";

export function DashboardRoutePage() {
  const { workspace, project, name } = dashboardRoute.useParams();
  const search = dashboardRoute.useSearch();
  const navigate = dashboardRoute.useNavigate();
  const change = (patch: DashboardSearch) =>
    void navigate({ search: (held: DashboardSearch) => ({ ...held, ...patch }), replace: true, resetScroll: false });
  const full = `${workspace}/${project}`;
  return (
    <DashboardPage
      key={`${full} ${name}`}
      project={full}
      name={name}
      view={search}
      onView={(patch) => change({ ...patch, edit: patch.edit === true ? true : undefined })}
      onMade={(made) =>
        void navigate({
          to: "/$workspace/$project/dashboards/$name",
          params: { workspace, project, name: made },
          search: (held: DashboardSearch) => held,
        })
      }
      onGone={() => void navigate({ to: "/$workspace/$project/dashboards", params: { workspace, project } })}
      chart={(drawn) => <DashboardChart drawn={drawn} search={search} onSearch={change} />}
      runLink={(run, content) => (
        <Link to="/$workspace/$project/runs/$key" params={{ workspace, project, key: run.key }}>
          {content}
        </Link>
      )}
    />
  );
}

interface DashboardChartProps {
  readonly drawn: DrawnPanel;
  readonly search: DashboardSearch;
  readonly onSearch: (patch: DashboardSearch) => void;
}

/** Of the window's height, what a chart that fills the page leaves to its frame. */
const FILLED_SHARE = 0.62;

function DashboardChart({ drawn: { panel, path, runs, height }, search, onSearch }: DashboardChartProps) {
  const { x, smoothing, log, logx, robust } = panel;
  // The same objects as long as nothing of them changes, so that lines are made anew only when they must be.
  const look = useMemo(
    () =>
      ({
        xAxis: x,
        over: null,
        smoothing: parseSmoothing(smoothing),
        logX: logx,
        logY: log,
        robust,
        band: "deviation",
      }) as const,
    [x, smoothing, log, logx, robust],
  );
  const lines = useMemo(() => ({ runs, groups: null }), [runs]);
  const zooms = search.zoom ?? [];
  // A dashboard can have the same series twice.
  const name = `${panel.id}:${path}`;
  const common = {
    drawn: lines,
    path,
    title: path,
    look,
    zoom: zoomOf(zooms, path, x),
    onZoom: (zoom: Zoom | null) => onSearch({ zoom: withZoom(zooms, path, zoom) }),
  };
  return (
    <>
      <ChartPanel
        {...common}
        height={height}
        syncKey={`dashboard ${x} ${logx}`}
        onMaximise={() => onSearch({ path: name })}
      />
      <Modal
        opened={search.path === name}
        onClose={() => onSearch({ path: undefined })}
        size="min(1400px, 96vw)"
        title="Chart"
        centered
        transitionProps={{ duration: 0 }}
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <ChartPanel
          {...common}
          height={Math.round(window.innerHeight * FILLED_SHARE)}
          syncKey="dashboard alone"
          onMaximise={null}
        />
      </Modal>
    </>
  );
}
