/** Joins the runs table to its address. */

import { RunsPage, type RunsView } from "#features/runs-table/runs-page.tsx";
import { runsRoute } from "./router.tsx";
import { parseSearch, type RunsSearch, runsSearch } from "./search.ts";

export function RunsRoutePage() {
  const { workspace, project } = runsRoute.useParams();
  const search = runsRoute.useSearch();
  const navigate = runsRoute.useNavigate();
  const { runs, hidden, ...view } = search;
  const change = ({ runs: selected, hidden: away, ...patch }: RunsView, names: readonly string[]) => {
    const written: RunsSearch = {
      ...patch,
      ...(names.includes("runs") ? { runs: selected?.join(",") } : {}),
      ...(names.includes("hidden") ? { hidden: away?.join(",") } : {}),
    };
    void navigate({ search: (held: RunsSearch) => ({ ...held, ...written }), replace: true, resetScroll: false });
  };
  const openRun = (key: string) =>
    void navigate({ to: "/$workspace/$project/runs/$key", params: { workspace, project, key } });
  const name = `${workspace}/${project}`;
  return (
    <RunsPage
      key={name}
      project={name}
      view={{ ...view, runs: runs?.split(","), hidden: hidden?.split(",") }}
      onView={(patch) => change(patch, Object.keys(patch))}
      onAddress={(address) => void navigate({ search: runsSearch(parseSearch(address)), resetScroll: false })}
      onOpen={openRun}
      onCompare={(ids, away) =>
        void navigate({
          to: "/$workspace/$project/compare",
          params: { workspace, project },
          search: { runs: ids.join(","), hidden: away.join(",") || undefined },
        })
      }
    />
  );
}
