/** What a dashboard holds, how it is written, and how it is changed. Pure. */

import { nameProblem } from "#api/views.ts";
import { BANDS, type Band, X_AXES, type XAxis } from "#base/line.ts";
import { parseSmoothing, smoothingText } from "#base/smooth.ts";

export const SIZES = ["small", "medium", "large"] as const;
export type Size = (typeof SIZES)[number];

/** What one chart shows: a series, or expressions over series as `expression.ts` reads them. */
export type Shown = { readonly path: string } | { readonly expression: string };

/** One chart, or, with a filter, one chart for each series that matches. */
export interface DashboardPanel {
  /** Tells it from the others of the dashboard. */
  readonly id: number;
  readonly show: Shown | { readonly filter: string };
  readonly size: Size;
  readonly x: XAxis;
  /** The series that is the axis where `x` is `series`; null otherwise. */
  readonly over: string | null;
  /** Stretches of the axis that are shown instead of all, as addresses write them, of the panel or of single series. */
  readonly zoom: readonly string[];
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
  /** The attribute by whose value runs are drawn as groups; empty draws each run. */
  readonly group: string;
  readonly band: Band;
  /** Attributes that name the runs; without any, their keys and names do. */
  readonly legend: readonly string[];
}

export const EMPTY: Dashboard = {
  panels: [],
  search: "",
  most: 10,
  runs: [],
  group: "",
  band: "deviation",
  legend: [],
};
/** A name of more attributes is longer than a line. */
const MOST_NAMES = 10;
export const MOST_RUNS = 50;
/** The server keeps some 32,000 characters of a view. */
export const MOST_PANELS = 100;

/** The axes that a panel can have: series are put together step by step, so an expression has none over a series. */
export function axesOf(show: DashboardPanel["show"]): readonly XAxis[] {
  return "expression" in show ? X_AXES.filter((axis) => axis !== "series") : X_AXES;
}

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
    group: typeof content.group === "string" ? content.group : EMPTY.group,
    band: BANDS.find((band) => band === content.band) ?? EMPTY.band,
    legend: Array.isArray(content.legend)
      ? content.legend.filter((path) => typeof path === "string").slice(0, MOST_NAMES)
      : EMPTY.legend,
  };
}

export function clampedMost(most: number): number {
  return Number.isFinite(most) ? Math.min(MOST_RUNS, Math.max(1, Math.round(most))) : EMPTY.most;
}

function parsePanel(value: unknown): DashboardPanel[] {
  if (typeof value !== "object" || value === null) return [];
  const raw = value as Readonly<Record<string, unknown>>;
  const show = parseShow(raw);
  if (show === null) return [];
  return [
    {
      id: 0,
      show,
      size: SIZES.find((size) => size === raw.size) ?? "medium",
      ...axisOf(show, raw.x, raw.over),
      zoom: Array.isArray(raw.zoom) ? raw.zoom.filter((each) => typeof each === "string").slice(0, MOST_MATCHES) : [],
      smoothing: smoothingText(parseSmoothing(typeof raw.smoothing === "string" ? raw.smoothing : "")) ?? "",
      log: raw.log === true,
      logx: raw.logx === true,
      robust: raw.robust === true,
    },
  ];
}

/** The axis `x`, if a panel of `show` can have it; otherwise that of steps. */
function axisOf(show: DashboardPanel["show"], x: unknown, over: unknown): Pick<DashboardPanel, "x" | "over"> {
  const axis = axesOf(show).find((each) => each === x) ?? PLAIN.x;
  if (axis !== "series") return { x: axis, over: null };
  return typeof over === "string" && over !== "" ? { x: axis, over } : { x: PLAIN.x, over: null };
}

function parseShow({ path, filter, expression }: Readonly<Record<string, unknown>>): DashboardPanel["show"] | null {
  if (typeof path === "string") return { path };
  if (typeof filter === "string") return { filter };
  return typeof expression === "string" ? { expression } : null;
}

/** The opposite of `parseDashboard`; what is as usual is left out. */
export function writtenDashboard({ panels, search, most, runs, group, band, legend }: Dashboard): object {
  return {
    panels: panels.map(({ show, size, x, over, zoom, smoothing, log, logx, robust }) => ({
      ...show,
      size,
      ...(x === "step" ? {} : { x }),
      ...(over === null ? {} : { over }),
      ...(zoom.length === 0 ? {} : { zoom }),
      ...(smoothing === "" ? {} : { smoothing }),
      ...(log ? { log } : {}),
      ...(logx ? { logx } : {}),
      ...(robust ? { robust } : {}),
    })),
    search,
    most,
    ...(runs.length === 0 ? {} : { runs }),
    ...(group === "" ? {} : { group }),
    ...(band === EMPTY.band ? {} : { band }),
    ...(legend.length === 0 ? {} : { legend }),
  };
}

const PLAIN = { x: "step", over: null, zoom: [], smoothing: "", log: false, logx: false, robust: false } as const;

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
  /** The charts of expressions, which stand before those of series. */
  readonly expressions: readonly string[];
  readonly x: XAxis;
  readonly over: string | null;
  /** The zooms of a panel that shows this, as `DashboardPanel` has them. */
  readonly zoomsOf: (show: DashboardPanel["show"]) => readonly string[];
  readonly smoothing: string;
  readonly log: boolean;
  readonly logx: boolean;
  readonly robust: boolean;
  readonly group: string;
  readonly band: Band;
  readonly legend: readonly string[];
}

/** A filter's panel shows no more. */
export const MOST_MATCHES = 24;

/** How many charts of `shown` a dashboard has no room for. */
export function chartsLeftOut({ paths, filter, expressions }: ShownCharts): number {
  return expressions.length + (isKeptAsFilter(filter, paths) ? 1 : paths.length) - MOST_PANELS;
}

/** The dashboard of a page of charts: its filter, so that series that come later match it, or a chart for each path. */
export function dashboardOf(shown: ShownCharts, runs: readonly string[]): Dashboard {
  const { paths, filter, expressions, x, over, zoomsOf, smoothing, log, logx, robust, group, band, legend } = shown;
  const shows: DashboardPanel["show"][] = [
    ...expressions.map((expression) => ({ expression })),
    ...(isKeptAsFilter(filter, paths) ? [{ filter }] : paths.map((path) => ({ path }))),
  ];
  const panels = shows.slice(0, MOST_PANELS).map((show, id) => {
    const size = "expression" in show ? ("medium" as const) : ("small" as const);
    return { id, show, size, ...axisOf(show, x, over), zoom: zoomsOf(show), smoothing, log, logx, robust };
  });
  return { ...EMPTY, panels, runs: runs.slice(0, MOST_RUNS), group, band, legend: legend.slice(0, MOST_NAMES) };
}

function isKeptAsFilter(filter: string, paths: readonly string[]): boolean {
  return filter !== "" && paths.length <= MOST_MATCHES;
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
