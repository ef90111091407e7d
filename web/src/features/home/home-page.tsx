/** What happens on this server: runs that go on, runs that have ended lately, and all projects. Live. */

import { Skeleton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useProjects } from "#api/queries.ts";
import { useLiveHome, useRecentRuns } from "#api/recent-runs.ts";
import type { ProjectInfo } from "#api/types.ts";
import { formatCount } from "#base/numbers.ts";
import { ErrorState } from "#widgets/empty-state.tsx";
import { RelativeTime } from "#widgets/relative-time.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { Activity } from "./activity.tsx";
import styles from "./home-page.module.css";
import { QuickStart } from "./quick-start.tsx";

/** More projects than one sees at a glance get a filter. */
const FILTERED_FROM = 8;

interface HomePageProps {
  /** Words that the names of the projects hold. */
  readonly words: string;
  readonly onWords: (words: string) => void;
}

export function HomePage({ words, onWords }: HomePageProps) {
  const { data, error, isPending, refetch } = useProjects();
  const running = useRecentRuns(false);
  const ended = useRecentRuns(true);
  useLiveHome();
  useEffect(() => {
    document.title = "Home · Marigram";
  }, []);
  if (isPending) return <Waiting />;
  if (error !== null && data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data.projects.length === 0) return <QuickStart />;
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1 className={styles.title}>Home</h1>
        <Link to="/models">Models</Link>
        <Link to="/connect">Connect a script</Link>
      </div>
      <div className={styles.columns}>
        <div className={styles.column}>
          <Activity title="Running" runs={running} empty="Nothing runs at the moment." testId="running-runs" />
          <Activity title="Ended lately" runs={ended} empty="No run has ended yet." testId="ended-runs" />
        </div>
        <Projects projects={data.projects} words={words} onWords={onWords} />
      </div>
    </div>
  );
}

interface ProjectsProps extends HomePageProps {
  readonly projects: readonly ProjectInfo[];
}

function Projects({ projects, words, onWords }: ProjectsProps) {
  const wanted = words.toLowerCase().split(/\s+/);
  const shown = projects.filter(({ name }) => wanted.every((word) => name.toLowerCase().includes(word)));
  return (
    <section className={styles.section} aria-labelledby="projects">
      <div className={styles.heading}>
        <h2 className={styles.subtitle} id="projects">
          Projects
        </h2>
        <span className={styles.count}>{formatCount(projects.length)}</span>
        {projects.length >= FILTERED_FROM && (
          <SearchInput className={styles.search} value={words} onChange={onWords} label="Filter projects" pause={0} />
        )}
      </div>
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
          {shown.map((project) => (
            <ProjectRow key={project.name} project={project} />
          ))}
        </tbody>
      </table>
      {shown.length === 0 && <p className={styles.nothing}>No project has these words in its name.</p>}
    </section>
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
      <h1 className={styles.title}>Home</h1>
      {["a", "b", "c"].map((name) => (
        <Skeleton key={name} height={32} mb={8} />
      ))}
    </div>
  );
}
