/** All projects of the server, the most recently active first. */

import { Skeleton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useProjects } from "#api/queries.ts";
import type { ProjectInfo } from "#api/types.ts";
import { formatCount } from "#base/numbers.ts";
import { ErrorState } from "#widgets/empty-state.tsx";
import { RelativeTime } from "#widgets/relative-time.tsx";
import styles from "./projects-page.module.css";
import { QuickStart } from "./quick-start.tsx";

export function ProjectsPage() {
  const { data, error, isPending, refetch } = useProjects();
  useEffect(() => {
    document.title = "Projects · Marigram";
  }, []);
  if (isPending) return <Waiting />;
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data.projects.length === 0) return <QuickStart />;
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>Projects</h1>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Project</th>
            <th scope="col" className={styles.number}>
              Runs
            </th>
            <th scope="col" className={styles.number}>
              Running
            </th>
            <th scope="col" className={styles.when}>
              Last activity
            </th>
          </tr>
        </thead>
        <tbody>
          {data.projects.map((project) => (
            <ProjectRow key={project.name} project={project} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ProjectRow({ project }: { readonly project: ProjectInfo }) {
  const [workspace = "", name = ""] = project.name.split("/");
  return (
    <tr data-testid="project-row" data-project={project.name}>
      <td>
        <Link className={styles.link} to="/$workspace/$project" params={{ workspace, project: name }}>
          <span className={styles.workspace}>{workspace}/</span>
          <span className={styles.name}>{name}</span>
        </Link>
      </td>
      <td className={styles.number}>{formatCount(project.run_count)}</td>
      <td className={styles.number}>
        {project.running_count > 0 ? (
          <span className={styles.running}>
            <span className={styles.dot} aria-hidden="true" />
            {formatCount(project.running_count)}
          </span>
        ) : (
          <span className={styles.none}>0</span>
        )}
      </td>
      <td className={styles.when}>
        <RelativeTime time={project.heard_at} />
      </td>
    </tr>
  );
}

function Waiting() {
  return (
    <div className={styles.page} aria-busy="true">
      <h1 className={styles.title}>Projects</h1>
      {["a", "b", "c"].map((name) => (
        <Skeleton key={name} height={32} mb={8} />
      ))}
    </div>
  );
}
