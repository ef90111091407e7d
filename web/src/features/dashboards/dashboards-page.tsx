/** The dashboards of a project, and how to make one. */

import { Button, TextInput } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import type { View } from "#api/types.ts";
import { contentOf, useViews, VIEW_NAME_LENGTH } from "#api/views.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { RelativeTime } from "#widgets/relative-time.tsx";
import { EMPTY, newNameProblem, parseDashboard, writtenDashboard } from "./dashboard.ts";
import { DashboardMenu } from "./dashboard-menu.tsx";
import styles from "./dashboard-page.module.css";

interface DashboardsPageProps {
  readonly project: string;
  /** Called with the name of a dashboard that is new. */
  readonly onMade: (name: string) => void;
  readonly link: (name: string) => ReactNode;
}

export function DashboardsPage({ project, onMade, link }: DashboardsPageProps) {
  const { views, error, refetch, save } = useViews(project, "dashboard");
  const [typed, setTyped] = useState("");
  const [refused, setRefused] = useState<string | null>(null);
  useEffect(() => {
    document.title = `Dashboards · ${project} · Marigram`;
  }, [project]);
  if (views === undefined && error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  const name = typed.trim();
  const problem = refused ?? newNameProblem(name, views ?? []);
  const make = async () => {
    if (name === "" || problem !== null || views === undefined) return;
    try {
      await save(name, writtenDashboard(EMPTY));
      onMade(name);
    } catch (fault) {
      setRefused(fault instanceof Error ? fault.message : String(fault));
    }
  };
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1 className={styles.title}>Dashboards</h1>
      </header>
      <form
        className={styles.new}
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <TextInput
          size="xs"
          aria-label="Name of a new dashboard"
          placeholder="Name of a new dashboard"
          maxLength={VIEW_NAME_LENGTH}
          error={problem}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setRefused(null);
          }}
        />
        <Button type="submit" size="xs" disabled={name === "" || problem !== null || views === undefined}>
          Make it
        </Button>
      </form>
      {views?.length === 0 && (
        <EmptyState title="No dashboards yet">
          A dashboard is a page of charts that all who see this project share. Name one above.
        </EmptyState>
      )}
      {views !== undefined && views.length > 0 && (
        <ul className={styles.list}>
          {views.map((view) => (
            <li key={view.name} className={styles.line} data-testid="dashboard-line">
              {link(view.name)}
              <span className={styles.note}>{chartsOf(view)}</span>
              <span className={styles.note}>
                <RelativeTime time={view.saved_at} />
              </span>
              <DashboardMenu
                project={project}
                name={view.name}
                content={() => contentOf(view)}
                onMade={() => undefined}
                onGone={() => undefined}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function chartsOf(view: View): string {
  const { length } = parseDashboard(contentOf(view)).panels;
  return length === 1 ? "1 chart" : `${length} charts`;
}
