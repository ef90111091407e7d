/** The runs that belong to a run: where its history comes from, what goes on from it, and its group. */

import { Link } from "@tanstack/react-router";
import { useLineage } from "#api/queries.ts";
import type { AttributeInfo, Run } from "#api/types.ts";
import { formatCount, formatNumber } from "#base/numbers.ts";
import { ErrorState } from "#widgets/empty-state.tsx";
import { Part } from "#widgets/part.tsx";
import { RelativeTime } from "#widgets/relative-time.tsx";
import { StatusBadge } from "#widgets/status-badge.tsx";
import styles from "./lineage-tab.module.css";
import { sittings } from "./processes.ts";

interface LineageTabProps {
  readonly run: Run;
  readonly attributes: readonly AttributeInfo[];
}

export function LineageTab({ run, attributes }: LineageTabProps) {
  const { data, error, refetch } = useLineage(run.id);
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return null;
  const { parent, children, child_count, group, group_runs, group_count } = data;
  const times = sittings(attributes);
  const [workspace = "", project = ""] = run.project.split("/");
  return (
    <div className={styles.page}>
      <Part title="Resumed">
        {times > 1 ? (
          <p>
            {times} processes wrote to this run, one after another: it was resumed{" "}
            {times === 2 ? "once" : `${times - 1} times`}. Each stands on the tab Monitoring.
          </p>
        ) : (
          <p className={styles.none}>It was not resumed by another process.</p>
        )}
      </Part>
      <Part title="Forked from">
        {run.fork == null ? (
          <p className={styles.none}>It was not forked from another run.</p>
        ) : parent === null || parent === undefined ? (
          <p>A run that is not here, at step {formatNumber(run.fork.step)}.</p>
        ) : (
          <RunList runs={[parent]} step={() => run.fork?.step} />
        )}
      </Part>
      <Part title="Forks" count={child_count}>
        {children.length === 0 ? (
          <p className={styles.none}>No run was forked from it.</p>
        ) : (
          <RunList runs={children} step={(child) => child.fork?.step} />
        )}
        <More shown={children.length} count={child_count} />
      </Part>
      <Part title={group === "" ? "Group" : `Group ${group}`} count={group_count}>
        {group === "" ? (
          <p className={styles.none}>
            It has no group. Give one with <code>init_run(group="sweep 7")</code>.
          </p>
        ) : group_runs.length === 0 ? (
          <p className={styles.none}>No other run has this group.</p>
        ) : (
          <RunList runs={group_runs} />
        )}
        <More shown={group_runs.length} count={group_count} />
        {group !== "" && (
          <Link
            to="/$workspace/$project"
            params={{ workspace, project }}
            search={{ search: `sys/group = ${JSON.stringify(group)}` }}
          >
            Show the group in the runs table
          </Link>
        )}
      </Part>
    </div>
  );
}

function More({ shown, count }: { readonly shown: number; readonly count: number }) {
  return count > shown ? <p className={styles.none}>and {formatCount(count - shown)} older ones.</p> : null;
}

interface RunListProps {
  readonly runs: readonly Run[];
  /** At which step the fork is. */
  readonly step?: (run: Run) => number | undefined;
}

function RunList({ runs, step }: RunListProps) {
  return (
    <ul className={styles.runs}>
      {runs.map((run) => {
        const [workspace = "", project = ""] = run.project.split("/");
        const at = step?.(run);
        return (
          <li key={run.id} className={styles.run} data-testid="related-run">
            <Link to="/$workspace/$project/runs/$key" params={{ workspace, project, key: run.key }}>
              {run.key}
            </Link>
            <span className={styles.name}>{run.name}</span>
            <StatusBadge status={run.status} />
            {at !== undefined && <span className={styles.none}>at step {formatNumber(at)}</span>}
            <span className={styles.none}>
              <RelativeTime time={run.created_at} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
