/** Joins the runs table to its address. */

import { RunsPage } from "#features/runs-table/runs-page.tsx";
import { runsRoute } from "./router.tsx";
import type { RunsSearch } from "./search.ts";

export function RunsRoutePage() {
  const { workspace, project } = runsRoute.useParams();
  const search = runsRoute.useSearch();
  const navigate = runsRoute.useNavigate();
  const change = (patch: RunsSearch) =>
    void navigate({ search: (held: RunsSearch) => ({ ...held, ...patch }), replace: true, resetScroll: false });
  const openRun = (key: string) =>
    void navigate({ to: "/$workspace/$project/runs/$key", params: { workspace, project, key } });
  const name = `${workspace}/${project}`;
  return <RunsPage key={name} project={name} view={search} onView={change} onOpen={openRun} />;
}
