/** View state in the URL: how it is written, and what each page understands. Unknown or broken values are ignored. */

import { BANDS, type Band, X_AXES, type XAxis } from "#base/line.ts";
import { parseSmoothing, smoothingText } from "#base/smooth.ts";
import { newest } from "#widgets/toggled.ts";

type Raw = Readonly<Record<string, unknown>>;

/** `?columns=a&columns=b&log=1`: a name that repeats is a list. Everything stays text. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const parsed: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const held = parsed[name];
    if (held === undefined) parsed[name] = value;
    else parsed[name] = Array.isArray(held) ? [...held, value] : [held, value];
  }
  return parsed;
}

/** The opposite of `parseSearch`; undefined, null, false and empty are left out. */
export function stringifySearch(search: Raw): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === false || value === "") continue;
    for (const item of Array.isArray(value) ? value : [value]) {
      parameters.append(name, item === true ? "1" : String(item));
    }
  }
  // A path in an address is easier to read, and to type, with its slashes; so is a list with its commas.
  const text = parameters.toString().replaceAll("%2F", "/").replaceAll("%2C", ",");
  return text === "" ? "" : `?${text}`;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function listOf(value: unknown): string[] | undefined {
  if (Array.isArray(value)) return value.map(String);
  const text = textOf(value);
  return text === undefined ? undefined : [text];
}

/** As `listOf`, but a name may be empty, and the oldest are left out where there are too many. */
function namesOf(value: unknown): readonly string[] | undefined {
  const names = value === "" ? [value] : listOf(value);
  return names === undefined || names.length === 0 ? undefined : newest(names);
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((name) => name === value);
}

export interface RunsSearch {
  readonly search?: string | undefined;
  /** The key that counts most first; a `-` in front puts the largest first. */
  readonly sort?: readonly string[] | undefined;
  readonly columns?: readonly string[] | undefined;
  /** Paths, or what stands for series, that the runs are grouped by. */
  readonly group?: readonly string[] | undefined;
  readonly order?: string | undefined;
  /** Groups whose insides are shown: the keys of each as JSON. */
  readonly open?: readonly string[] | undefined;
  /** Ids of the selected runs, joined by commas. */
  readonly runs?: string | undefined;
  /** Those of them that charts leave out. */
  readonly hidden?: string | undefined;
  /** Whether all runs that match are selected, instead of those by id. */
  readonly all?: boolean | undefined;
  readonly trash?: boolean | undefined;
}

export function runsSearch(raw: Raw): RunsSearch {
  return {
    search: textOf(raw.search),
    sort: listOf(raw.sort),
    columns: listOf(raw.columns),
    group: listOf(raw.group),
    order: textOf(raw.order),
    open: listOf(raw.open),
    runs: textOf(raw.runs),
    hidden: textOf(raw.hidden),
    all: flagOf(raw.all),
    trash: flagOf(raw.trash),
  };
}

export interface HomeSearch {
  /** Words that the names of the projects hold. */
  readonly search?: string | undefined;
}

export function homeSearch(raw: Raw): HomeSearch {
  return { search: textOf(raw.search) };
}

/** Which model is looked at: a registered one, one that was logged, or a folder of a run; none: the list of all. */
export interface ModelsSearch {
  /** What the list of all is searched for. */
  readonly search?: string | undefined;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly logged?: string | undefined;
  readonly run?: string | undefined;
  readonly path?: string | undefined;
}

export function modelsSearch(raw: Raw): ModelsSearch {
  return {
    search: textOf(raw.search),
    name: textOf(raw.name),
    version: textOf(raw.version),
    logged: textOf(raw.logged),
    run: textOf(raw.run),
    path: textOf(raw.path),
  };
}

export const TABS = [
  "charts",
  "overview",
  "attributes",
  "media",
  "console",
  "monitoring",
  "code",
  "files",
  "lineage",
] as const;
export type Tab = (typeof TABS)[number];

/** How charts draw; the same on every page that has charts. */
export interface ChartsSearch {
  /** The attribute, series or file that is singled out. */
  readonly path?: string | undefined;
  /** What paths must match, or what console lines are searched for. */
  readonly filter?: string | undefined;
  readonly x?: XAxis | undefined;
  /** The series that is the x axis. */
  readonly over?: string | undefined;
  /** As `smoothingText` writes it. */
  readonly smoothing?: string | undefined;
  readonly log?: boolean | undefined;
  readonly logx?: boolean | undefined;
  readonly robust?: boolean | undefined;
  readonly together?: boolean | undefined;
  /** Expressions over series, a chart for each. */
  readonly expr?: readonly string[] | undefined;
  /** Stretches that charts show, one per series. */
  readonly zoom?: readonly string[] | undefined;
  /** Sections that are open and start closed, or the other way round; the empty name is that of paths without one. */
  readonly folded?: readonly string[] | undefined;
}

function chartsSearch(raw: Raw): ChartsSearch {
  return {
    path: textOf(raw.path),
    filter: textOf(raw.filter),
    x: oneOf(raw.x, X_AXES),
    over: textOf(raw.over),
    smoothing: smoothingText(parseSmoothing(textOf(raw.smoothing))),
    log: flagOf(raw.log),
    logx: flagOf(raw.logx),
    robust: flagOf(raw.robust),
    together: flagOf(raw.together),
    expr: listOf(raw.expr),
    zoom: listOf(raw.zoom),
    folded: namesOf(raw.folded),
  };
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

function flagOf(value: unknown): true | undefined {
  return value === "1" || value === true ? true : undefined;
}

export interface RunSearch extends ChartsSearch {
  readonly tab?: Tab | undefined;
  readonly step?: number | undefined;
  /** Which output the console shows; both without. */
  readonly stream?: ConsoleStream | undefined;
  /** Whether console lines are searched for a regular expression. */
  readonly regex?: boolean | undefined;
  /** Whether long lines of the console are wrapped. */
  readonly wrap?: boolean | undefined;
  /** What is marked: a line of the console (its series and its number), a line of a file, a file of a diff. */
  readonly line?: string | undefined;
  /** Folders of a tree that are open where others are closed, or the other way round. */
  readonly toggled?: readonly string[] | undefined;
}

const CONSOLE_STREAMS = ["stdout", "stderr"] as const;
export type ConsoleStream = (typeof CONSOLE_STREAMS)[number];

export function runSearch(raw: Raw): RunSearch {
  const step = raw.step === undefined ? Number.NaN : Number(raw.step);
  return {
    ...chartsSearch(raw),
    tab: oneOf(raw.tab, TABS),
    step: Number.isFinite(step) ? step : undefined,
    stream: oneOf(raw.stream, CONSOLE_STREAMS),
    regex: flagOf(raw.regex),
    wrap: flagOf(raw.wrap),
    line: textOf(raw.line),
    toggled: namesOf(raw.toggled),
  };
}

export const COMPARE_TABS = [
  "charts",
  "table",
  "changes",
  "texts",
  "parallel",
  "importance",
  "scatter",
  "images",
] as const;
export type CompareTab = (typeof COMPARE_TABS)[number];

export interface CompareSearch extends ChartsSearch {
  /** Ids or keys, joined by commas. */
  readonly runs?: string | undefined;
  readonly tab?: CompareTab | undefined;
  /** What compared values are searched for. */
  readonly values?: string | undefined;
  /** Runs whose lines are hidden, by id, joined by commas. */
  readonly hidden?: string | undefined;
  /** The attribute by whose value runs are drawn as groups. */
  readonly group?: string | undefined;
  readonly band?: Band | undefined;
  /** Attributes that name the runs. */
  readonly legend?: readonly string[] | undefined;
  /** The run that the others are measured against. */
  readonly baseline?: string | undefined;
  /** The run that is asked what changed in it since the baseline. */
  readonly after?: string | undefined;
  /** Only attributes that differ. */
  readonly differ?: boolean | undefined;
  /** The axes of parallel coordinates, those of them on the other scale, and the stretches that runs lie within. */
  readonly axes?: readonly string[] | undefined;
  readonly scale?: readonly string[] | undefined;
  readonly brush?: readonly string[] | undefined;
  /** The result that parameters explain, what stands for it if it is a series, and whether over all runs. */
  readonly target?: string | undefined;
  readonly measure?: "min" | "max" | "average" | undefined;
  readonly scope?: "all" | undefined;
  /** The images that are shown, and at which step; none is the last. */
  readonly image?: string | undefined;
  readonly step?: number | undefined;
  /** The numbers of the scatter. */
  readonly across?: string | undefined;
  readonly up?: string | undefined;
}

export function compareSearch(raw: Raw): CompareSearch {
  return {
    ...chartsSearch(raw),
    runs: textOf(raw.runs),
    tab: oneOf(raw.tab, COMPARE_TABS),
    values: textOf(raw.values),
    hidden: textOf(raw.hidden),
    group: textOf(raw.group),
    band: oneOf(raw.band, BANDS),
    legend: listOf(raw.legend),
    baseline: textOf(raw.baseline),
    after: textOf(raw.after),
    differ: flagOf(raw.differ),
    axes: listOf(raw.axes),
    scale: listOf(raw.scale),
    brush: listOf(raw.brush),
    target: textOf(raw.target),
    measure: oneOf(raw.measure, ["min", "max", "average"] as const),
    scope: oneOf(raw.scope, ["all"] as const),
    image: textOf(raw.image),
    step: numberOf(raw.step),
    across: textOf(raw.across),
    up: textOf(raw.up),
  };
}

export interface DashboardSearch {
  /** Ids or keys of the runs that are drawn instead of the newest, joined by commas. */
  readonly runs?: string | undefined;
  readonly edit?: boolean | undefined;
  /** Attributes that name the runs instead of those that are saved. */
  readonly legend?: readonly string[] | undefined;
  /** The chart that fills the page: number of its panel and path. */
  readonly path?: string | undefined;
  /** Stretches that charts show, one per series. */
  readonly zoom?: readonly string[] | undefined;
}

export function dashboardSearch(raw: Raw): DashboardSearch {
  return {
    runs: textOf(raw.runs),
    edit: flagOf(raw.edit),
    legend: listOf(raw.legend),
    path: textOf(raw.path),
    zoom: listOf(raw.zoom),
  };
}
