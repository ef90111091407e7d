/** Joins a dashboard to its address, and to the charts. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useAnnotations } from "#api/annotations.ts";
import { AnnotationsContext } from "#features/charts/annotations.ts";
import { DashboardPage } from "#features/dashboards/dashboard-page.tsx";
import { DashboardChart } from "./dashboard-chart.tsx";
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
      onView={change}
      onMade={(made) =>
        void navigate({
          to: "/$workspace/$project/dashboards/$name",
          params: { workspace, project, name: made },
          search: (held: DashboardSearch) => held,
        })
      }
      onGone={() => void navigate({ to: "/$workspace/$project/dashboards", params: { workspace, project } })}
      chart={(drawn) => <DashboardChart drawn={drawn} search={search} onSearch={change} />}
      around={(runIds, charts) => <WithAnnotations runIds={runIds}>{charts}</WithAnnotations>}
      runLink={(run, content) => (
        <Link to="/$workspace/$project/runs/$key" params={{ workspace, project, key: run.key }}>
          {content}
        </Link>
      )}
    />
  );
}

interface WithAnnotationsProps {
  readonly runIds: readonly string[];
  readonly children: ReactNode;
}

function WithAnnotations({ runIds, children }: WithAnnotationsProps) {
  return <AnnotationsContext value={useAnnotations(runIds)}>{children}</AnnotationsContext>;
}
