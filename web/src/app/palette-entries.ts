/** What the palette offers. */

import type { ProjectInfo, Run } from "#api/types.ts";
import type { RunStatus } from "#base/run-status.ts";

export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly status: RunStatus | null;
  readonly run: () => void;
}

export type Destination =
  | { readonly to: "/" | "/models" | "/connect" }
  | {
      readonly to: "/$workspace/$project";
      readonly params: { readonly workspace: string; readonly project: string };
      readonly search: { readonly trash?: boolean };
    }
  | {
      readonly to: "/$workspace/$project/dashboards";
      readonly params: { readonly workspace: string; readonly project: string };
    }
  | {
      readonly to: "/$workspace/$project/runs/$key";
      readonly params: { readonly workspace: string; readonly project: string; readonly key: string };
    };

/** What the palette's choices do. */
export interface Places {
  readonly go: (destination: Destination) => void;
  readonly theme: (scheme: "light" | "dark" | "auto") => void;
  readonly shortcuts: () => void;
}

const THEMES = [
  ["light", "Light"],
  ["dark", "Dark"],
  ["auto", "System"],
] as const;

/** Pages and commands; `here` is the project that the page is of. */
export function commandsOf(places: Places, here: string | null): readonly Entry[] {
  const { go, theme, shortcuts } = places;
  return [
    ...(here === null
      ? []
      : [
          command("Runs table", here, () => goToProject(go, here)),
          command("Dashboards", here, () => go({ to: "/$workspace/$project/dashboards", params: partsOf(here) })),
          command("Trash", here, () => goToProject(go, here, { trash: true })),
        ]),
    command("Home", "recent runs and all projects", () => go({ to: "/" })),
    command("Models", "what is registered", () => go({ to: "/models" })),
    command("Connect a script", "lines to start with", () => go({ to: "/connect" })),
    ...THEMES.map(([scheme, name]) => command(`Theme: ${name}`, "", () => theme(scheme))),
    command("Keyboard shortcuts", "?", shortcuts),
  ];
}

function command(title: string, detail: string, run: () => void): Entry {
  return { id: `command ${title}`, title, detail, status: null, run };
}

function goToProject(go: Places["go"], name: string, search: { trash?: boolean } = {}): void {
  go({ to: "/$workspace/$project", params: partsOf(name), search });
}

function partsOf(name: string): { workspace: string; project: string } {
  const [workspace = "", project = ""] = name.split("/");
  return { workspace, project };
}

export function projectEntries({ go }: Places, projects: readonly ProjectInfo[]): readonly Entry[] {
  return projects.map(({ name, run_count }) => ({
    id: `project ${name}`,
    title: name,
    detail: run_count === 1 ? "1 run" : `${run_count} runs`,
    status: null,
    run: () => goToProject(go, name),
  }));
}

export function runEntries({ go }: Places, runs: readonly Run[]): readonly Entry[] {
  return runs.map(({ id, key, name, project: home, status }) => {
    const [workspace = "", project = ""] = home.split("/");
    return {
      id: `run ${id}`,
      title: name === "" ? key : `${key} ${name}`,
      detail: home,
      status,
      run: () => go({ to: "/$workspace/$project/runs/$key", params: { workspace, project, key } }),
    };
  });
}

/** The entries with all words of `text` in title or detail; those that begin with the text come first. */
export function matching(entries: readonly Entry[], text: string): readonly Entry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries.filter(({ title, detail }) => {
    const sought = `${title} ${detail}`.toLowerCase();
    return words.every((word) => sought.includes(word));
  });
  const first = words[0];
  if (first === undefined) return found;
  const begins = ({ title }: Entry) => title.toLowerCase().startsWith(first);
  return [...found.filter(begins), ...found.filter((entry) => !begins(entry))];
}
