/** A dashboard that is shown and changed: each change is drawn at once and saved in turn. */

import { useRef, useState } from "react";
import type { View } from "#api/types.ts";
import { contentOf, useViews } from "#api/views.ts";
import { type Dashboard, parseDashboard, writtenDashboard } from "./dashboard.ts";

export function useDashboard(project: string, name: string) {
  const { views, error, isPending, refetch, save } = useViews(project, "dashboard");
  const [draft, setDraft] = useState<Dashboard | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  // A change that is saved after another must not arrive before it.
  const last = useRef(Promise.resolve());
  const [saved, setSaved] = useState<View | null>(null);
  const listed = views?.find((each) => each.name === name);
  // A list that was asked for before a change was saved may come after it.
  const view = listed !== undefined && saved !== null && saved.saved_at > listed.saved_at ? saved : listed;
  const [parsed, setParsed] = useState<{ readonly of: string; readonly dashboard: Dashboard } | null>(null);
  const stored = view === undefined ? null : parsed?.of === view.content ? parsed.dashboard : null;
  if (view !== undefined && stored === null) {
    setParsed({ of: view.content, dashboard: parseDashboard(contentOf(view)) });
  }
  const store = (next: Dashboard) => {
    last.current = last.current.then(async () => {
      try {
        const kept = await save(name, writtenDashboard(next));
        setSaved(kept);
        // Read again, its panels would have other ids, and what is open at one of them would be open at another.
        setParsed({ of: kept.content, dashboard: next });
        setProblem(null);
        // What is on the server is what is shown, unless one has gone on changing.
        setDraft((held) => (held === next ? null : held));
      } catch (fault) {
        setProblem(fault instanceof Error ? fault.message : String(fault));
      }
    });
  };
  return {
    dashboard: draft ?? stored,
    isMissing: views !== undefined && view === undefined,
    isPending,
    error,
    refetch,
    /** Why the last change is not saved; null if it is. */
    problem,
    change: (next: Dashboard) => {
      setDraft(next);
      store(next);
    },
    saveAgain: () => {
      if (draft !== null) store(draft);
    },
  };
}
