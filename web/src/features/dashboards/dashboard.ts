/** What a dashboard holds, how it is written, and how it is changed. Pure. */

import { nameProblem } from "#api/views.ts";
import { X_AXES, type XAxis } from "#base/line.ts";
import { parseSmoothing, smoothingText } from "#base/smooth.ts";

export const SIZES = ["small", "medium", "large"] as const;
export type Size = (typeof SIZES)[number];

/** One chart, or, with a filter, one chart for each series that matches. */
export interface DashboardPanel {
  /** Tells it from the others of the dashboard. */
  readonly id: number;
  readonly show: { readonly path: string } | { readonly filter: string };
  readonly size: Size;
  readonly x: XAxis;
  /** As `smoothingText` writes it; empty smooths nothing. */
  readonly smoothing: string;
  readonly log: boolean;
  readonly logx: boolean;
  readonly robust: boolean;
}

export interface Dashboard {
  readonly panels: readonly DashboardPanel[];
  /** Which runs are drawn, in words or as a query; empty for all. */
  readonly search: string;
  /** How many of them: the newest. */
  readonly most: number;
  /** Ids of the runs that are drawn instead; empty for the newest. */
  readonly runs: readonly string[];
}

export const EMPTY: Dashboard = { panels: [], search: "", most: 10, runs: [] };
export const MOST_RUNS = 50;
/** The server keeps some 32,000 characters of a view. */
export const MOST_PANELS = 100;

/** The axes of a dashboard's chart; a chart over another series belongs to a comparison. */
export const PANEL_AXES: readonly XAxis[] = X_AXES.filter((axis) => axis !== "series");

/** What was stored, without what no version of this app has written. */
export function parseDashboard(content: Readonly<Record<string, unknown>>): Dashboard {
  const panels = Array.isArray(content.panels) ? content.panels.flatMap(parsePanel) : [];
  return {
    panels: panels.slice(0, MOST_PANELS).map((panel, index) => ({ ...panel, id: index })),
    search: typeof content.search === "string" ? content.search : EMPTY.search,
    most: clampedMost(typeof content.most === "number" ? content.most : EMPTY.most),
    runs: Array.isArray(content.runs)
      ? content.runs.filter((id) => typeof id === "string").slice(0, MOST_RUNS)
      : EMPTY.runs,
  };
}

export function clampedMost(most: number): number {
  return Number.isFinite(most) ? Math.min(MOST_RUNS, Math.max(1, Math.round(most))) : EMPTY.most;
}

function parsePanel(value: unknown): DashboardPanel[] {
  if (typeof value !== "object" || value === null) return [];
  const raw = value as Readonly<Record<string, unknown>>;
  const show =
    typeof raw.path === "string" ? { path: raw.path } : typeof raw.filter === "string" ? { filter: raw.filter } : null;
  if (show === null) return [];
  return [
    {
      id: 0,
      show,
      size: SIZES.find((size) => size === raw.size) ?? "medium",
      x: PANEL_AXES.find((axis) => axis === raw.x) ?? "step",
      smoothing: smoothingText(parseSmoothing(typeof raw.smoothing === "string" ? raw.smoothing : "")) ?? "",
      log: raw.log === true,
      logx: raw.logx === true,
      robust: raw.robust === true,
    },
  ];
}

/** The opposite of `parseDashboard`; what is as usual is left out. */
export function writtenDashboard({ panels, search, most, runs }: Dashboard): object {
  return {
    panels: panels.map(({ show, size, x, smoothing, log, logx, robust }) => ({
      ...show,
      size,
      ...(x === "step" ? {} : { x }),
      ...(smoothing === "" ? {} : { smoothing }),
      ...(log ? { log } : {}),
      ...(logx ? { logx } : {}),
      ...(robust ? { robust } : {}),
    })),
    search,
    most,
    ...(runs.length === 0 ? {} : { runs }),
  };
}

const PLAIN = { x: "step", smoothing: "", log: false, logx: false, robust: false } as const;

/** With one panel more, at the end. */
export function withPanel(dashboard: Dashboard, show: DashboardPanel["show"]): Dashboard {
  const id = Math.max(-1, ...dashboard.panels.map((panel) => panel.id)) + 1;
  const size = "filter" in show ? "small" : "medium";
  return { ...dashboard, panels: [...dashboard.panels, { id, show, size, ...PLAIN }] };
}

/** A page of charts as it is shown. */
export interface ShownCharts {
  /** The series that are drawn, in order. */
  readonly paths: readonly string[];
  /** What the paths match; empty matches all. */
  readonly filter: string;
  readonly x: XAxis;
  readonly smoothing: string;
  readonly log: boolean;
  readonly logx: boolean;
  readonly robust: boolean;
}

/** A filter's panel shows no more. */
export const MOST_MATCHES = 24;

/** The dashboard of a page of charts: its filter, so that series that come later match it, or a chart for each path. */
export function dashboardOf(shown: ShownCharts, runs: readonly string[]): Dashboard {
  const { paths, filter, x, smoothing, log, logx, robust } = shown;
  const look = { x: PANEL_AXES.includes(x) ? x : PLAIN.x, smoothing, log, logx, robust };
  const shows: DashboardPanel["show"][] =
    filter !== "" && paths.length <= MOST_MATCHES
      ? [{ filter }]
      : paths.slice(0, MOST_PANELS).map((path) => ({ path }));
  const panels = shows.map((show, id) => ({ id, show, size: "small" as const, ...look }));
  return { ...EMPTY, panels, runs: runs.slice(0, MOST_RUNS) };
}

/** What is wrong with the name of a dashboard that is new; null if nothing is. */
export function newNameProblem(name: string, taken: readonly { readonly name: string }[]): string | null {
  return nameProblem(name) ?? (taken.some((view) => view.name === name) ? "There is one of this name already." : null);
}

export function withoutPanel(dashboard: Dashboard, id: number): Dashboard {
  return { ...dashboard, panels: dashboard.panels.filter((panel) => panel.id !== id) };
}

export function changedPanel(dashboard: Dashboard, id: number, change: Partial<DashboardPanel>): Dashboard {
  return { ...dashboard, panels: dashboard.panels.map((panel) => (panel.id === id ? { ...panel, ...change } : panel)) };
}

/** The panel `id` at the place `to`; out of reach is the first or the last. */
export function movedPanel(dashboard: Dashboard, id: number, to: number): Dashboard {
  const panel = dashboard.panels.find((each) => each.id === id);
  if (panel === undefined) return dashboard;
  const rest = dashboard.panels.filter((each) => each.id !== id);
  const place = Math.min(rest.length, Math.max(0, to));
  return { ...dashboard, panels: [...rest.slice(0, place), panel, ...rest.slice(place)] };
}
