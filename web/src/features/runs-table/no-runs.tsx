/** What stands where there is no run: the lines to start with, or why there is none. */

import { Link } from "@tanstack/react-router";
import { programFor } from "#base/client-lines.ts";
import { CodeStep } from "#widgets/code-step.tsx";
import { EmptyState } from "#widgets/empty-state.tsx";

interface NoRunsProps {
  readonly project: string;
  readonly search: string;
  readonly trashed: boolean;
}

export function NoRuns({ project, search, trashed }: NoRunsProps) {
  if (search !== "") return <EmptyState title="No run matches the filter">Try fewer or other words.</EmptyState>;
  if (trashed)
    return <EmptyState title="The trash is empty">Runs that are moved to the trash are kept here.</EmptyState>;
  return (
    <EmptyState
      title="This project has no runs"
      start={
        <CodeStep
          number={null}
          title="Save as first.py, then run python first.py"
          text={programFor(window.location.origin, project)}
        />
      }
    >
      Log one. It appears here by itself, while it runs. <Link to="/connect">More ways to connect</Link>
    </EmptyState>
  );
}
