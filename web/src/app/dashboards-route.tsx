/** Joins the list of dashboards to its address. */

import { Link } from "@tanstack/react-router";
import { DashboardsPage } from "#features/dashboards/dashboards-page.tsx";
import { dashboardsRoute } from "./router.tsx";

export function DashboardsRoutePage() {
  const { workspace, project } = dashboardsRoute.useParams();
  const navigate = dashboardsRoute.useNavigate();
  return (
    <DashboardsPage
      key={`${workspace}/${project}`}
      project={`${workspace}/${project}`}
      onMade={(name) =>
        void navigate({
          to: "/$workspace/$project/dashboards/$name",
          params: { workspace, project, name },
          search: { edit: true },
        })
      }
      link={(name) => (
        <Link to="/$workspace/$project/dashboards/$name" params={{ workspace, project, name }}>
          {name}
        </Link>
      )}
    />
  );
}
