/** Views of a table under a name: some kept in this browser, some on the server for all who see the project. */

import { useState } from "react";
import { contentOf, useViews } from "#api/views.ts";

export interface SavedView {
  readonly name: string;
  /** What comes after `?` in the view's address. */
  readonly address: string;
}

export interface ListedView extends SavedView {
  /** Whether all who see the project have it. */
  readonly shared: boolean;
}

const KEY = "marigram.views";
type Stored = Record<string, SavedView[]>;

/** The saved views of a project, and how to save one (the same name replaces it) or take one away. */
export function useSavedViews(project: string) {
  const [own, setOwn] = useState<readonly SavedView[]>(() => read()[project] ?? []);
  const server = useViews(project, "table");
  const store = (next: SavedView[]) => {
    // Another tab may have saved views of other projects since.
    write({ ...read(), [project]: next });
    setOwn(next);
  };
  const shared = (server.views ?? []).flatMap((view) => {
    const { address } = contentOf(view);
    return typeof address === "string" ? [{ name: view.name, address, shared: true }] : [];
  });
  return {
    views: [...own.map((view): ListedView => ({ ...view, shared: false })), ...shared],
    save: async ({ name, address, shared: toAll }: ListedView) => {
      if (toAll) await server.save(name, { address });
      else store([...own.filter((view) => view.name !== name), { name, address }]);
    },
    remove: async ({ name, shared: ofAll }: ListedView) => {
      if (ofAll) await server.remove(name);
      else store(own.filter((view) => view.name !== name));
    },
  };
}

function read(): Stored {
  try {
    return parseViews(localStorage.getItem(KEY));
  } catch {
    return {};
  }
}

function write(stored: Stored): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(stored));
  } catch {
    // A browser that keeps nothing still has them until the page is left.
  }
}

/** What was stored, without what no version of this app has written. */
export function parseViews(text: string | null): Stored {
  if (text === null) return {};
  const found: Stored = {};
  const stored: unknown = JSON.parse(text);
  if (typeof stored !== "object" || stored === null) return {};
  for (const [project, views] of Object.entries(stored)) {
    if (Array.isArray(views)) found[project] = views.filter(isView);
  }
  return found;
}

function isView(view: unknown): view is SavedView {
  if (typeof view !== "object" || view === null) return false;
  return "name" in view && typeof view.name === "string" && "address" in view && typeof view.address === "string";
}
