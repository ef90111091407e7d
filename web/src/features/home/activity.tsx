/** A short list of runs of all projects: how each stands, for how long, and why it failed. */

import { Link } from "@tanstack/react-router";
import type { Run } from "#api/types.ts";
import { Duration } from "#widgets/duration.tsx";
import { RelativeTime } from "#widgets/relative-time.tsx";
import { StatusBadge } from "#widgets/status-badge.tsx";
import styles from "./home-page.module.css";

interface ActivityProps {
  readonly title: string;
  readonly runs: { readonly data: readonly Run[] | undefined; readonly error: Error | null };
  /** What is said when there is no run. */
  readonly empty: string;
  readonly testId: string;
}

export function Activity({ title, runs, empty, testId }: ActivityProps) {
  const { data, error } = runs;
  return (
    <section className={styles.section} data-testid={testId} aria-labelledby={testId}>
      <div className={styles.heading}>
        <h2 className={styles.subtitle} id={testId}>
          {title}
        </h2>
      </div>
      {data === undefined && error !== null && (
        <p className={styles.nothing} role="alert">
          {error.message}
        </p>
      )}
      {data?.length === 0 && <p className={styles.nothing}>{empty}</p>}
      {data !== undefined && data.length > 0 && (
        <ul className={styles.runs}>
          {data.map((run) => (
            <RunLine key={run.id} run={run} />
          ))}
        </ul>
      )}
    </section>
  );
}

function RunLine({ run }: { readonly run: Run }) {
  const [workspace = "", project = ""] = run.project.split("/");
  return (
    <li className={styles.run} data-testid="recent-run" data-run-key={run.key}>
      <span className={styles.status}>
        <StatusBadge status={run.status} />
      </span>
      <span className={styles.what}>
        <Link
          className={styles.link}
          to="/$workspace/$project/runs/$key"
          params={{ workspace, project, key: run.key }}
          search={{}}
        >
          <span className={styles.name}>{run.key}</span> {run.name}
        </Link>
        <span className={styles.where}>{run.project}</span>
        {run.failure !== null && <span className={styles.failure}>{firstLine(run.failure)}</span>}
      </span>
      <span className={styles.time}>
        <Duration run={run} />
        <span className={styles.ago}>
          <RelativeTime time={run.ended_at ?? run.heard_at} />
        </span>
      </span>
    </li>
  );
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
