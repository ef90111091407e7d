/** Joins a run's page to its address. */

import { Skeleton } from "@mantine/core";
import { RunStreamProvider } from "#api/live.tsx";
import { useRun } from "#api/queries.ts";
import { ApiError } from "#api/request.ts";
import { type Change, changed } from "#base/change.ts";
import { isRunId } from "#base/run-id.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { runRoute } from "./router.tsx";
import { RunPage } from "./run-page.tsx";
import type { RunSearch } from "./search.ts";

export function RunRoutePage() {
  const { workspace, project, key } = runRoute.useParams();
  const search = runRoute.useSearch();
  const navigate = runRoute.useNavigate();
  const { data: run, error, refetch } = useRun(`${workspace}/${project}`, key);
  const change = (how: Change<RunSearch>) => {
    // The browser's Back leads to the tab before; all else that one sets is no step of the way.
    const replace = changed(search, how).tab === search.tab;
    void navigate({ search: (held: RunSearch) => changed(held, how), replace, resetScroll: false });
  };
  if (run === undefined) {
    if (error instanceof ApiError && error.status === 404) {
      return isRunId(key) ? (
        <EmptyState isPage title="This run has not arrived yet">
          The page opens as soon as its script has sent something to this server. If that takes long, check that the
          script runs, and the address that it logs to.
        </EmptyState>
      ) : (
        <EmptyState isPage title={`There is no run ${key} in ${workspace}/${project}`}>
          Check the address, or look for the run in the project's table.
        </EmptyState>
      );
    }
    return error === null ? <Waiting /> : <ErrorState error={error} onRetry={() => void refetch()} />;
  }
  return (
    <RunStreamProvider run={run}>
      <RunPage run={run} view={search} onView={change} />
    </RunStreamProvider>
  );
}

function Waiting() {
  return (
    <div style={{ padding: 16 }} aria-busy="true">
      <Skeleton height={28} width={320} mb={16} />
      <Skeleton height={220} />
    </div>
  );
}
