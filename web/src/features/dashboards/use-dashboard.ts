/** A dashboard that is shown and changed: each change is drawn at once and saved in turn. */

import { useRef, useState } from "react";
import { ApiError } from "#api/request.ts";
import type { View } from "#api/types.ts";
import { contentOf, useViews } from "#api/views.ts";
import { type Dashboard, parseDashboard, writtenDashboard } from "./dashboard.ts";

/** Why a change is not saved. */
export interface SaveProblem {
  readonly text: string;
  /** Somebody else has saved or deleted the dashboard meanwhile. */
  readonly isConflict: boolean;
}

export function useDashboard(project: string, name: string) {
  const { views, error, isPending, refetch, save } = useViews(project, "dashboard");
  const [draft, setDraft] = useState<Dashboard | null>(null);
  const [problem, setProblem] = useState<SaveProblem | null>(null);
  /** When what the changes began from was saved. */
  const base = useRef<number | null>(null);
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
        const kept = await save(name, writtenDashboard(next), base.current);
        base.current = kept.saved_at;
        setSaved(kept);
        // Read again, its panels would have other ids, and what is open at one of them would be open at another.
        setParsed({ of: kept.content, dashboard: next });
        setProblem(null);
        // What is on the server is what is shown, unless one has gone on changing.
        setDraft((held) => (held === next ? null : held));
      } catch (fault) {
        const isConflict = fault instanceof ApiError && fault.code === "view_changed";
        setProblem({ text: fault instanceof Error ? fault.message : String(fault), isConflict });
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
      if (draft === null) base.current = view?.saved_at ?? null;
      setDraft(next);
      // While it is not decided whose dashboard it is, no change of ours is saved.
      if (problem?.isConflict !== true) store(next);
    },
    /** Save what is shown, whatever is on the server by now. */
    saveAgain: () => {
      if (problem?.isConflict === true) base.current = null;
      if (draft !== null) store(draft);
    },
    /** Show what is on the server, and forget what could not be saved. */
    takeTheirs: async () => {
      await refetch();
      setSaved(null);
      setDraft(null);
      setProblem(null);
    },
  };
}
