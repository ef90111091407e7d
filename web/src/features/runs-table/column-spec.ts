/** A column as its address says it: what is shown, and how. `min(train/loss);name=Loss;width=120;pinned` */

/** What stands for a series in a cell; the words are those of queries. */
export const MEASURES = [
  "last",
  "first",
  "min",
  "min_step",
  "max",
  "max_step",
  "average",
  "variance",
  "count",
] as const;
export type Measure = (typeof MEASURES)[number];

export const MEASURE_NAMES: Readonly<Record<Measure, string>> = {
  last: "Last",
  first: "First",
  min: "Minimum",
  min_step: "Step of minimum",
  max: "Maximum",
  max_step: "Step of maximum",
  average: "Mean",
  variance: "Variance",
  count: "Number of points",
};

/** `auto` has five significant digits; a digit is how many stand after the point. */
export const NUMBER_FORMATS = ["auto", "full", "0", "2", "4", "percent", "exponent"] as const;
export type NumberFormat = (typeof NUMBER_FORMATS)[number];

export const FORMAT_NAMES: Readonly<Record<NumberFormat, string>> = {
  auto: "Short",
  full: "Every digit",
  "0": "Whole number",
  "2": "2 decimals",
  "4": "4 decimals",
  percent: "Percent",
  exponent: "Exponent",
};

/** The step at which a series is least or greatest for the first time. */
export interface BestStep {
  readonly best: "min" | "max";
  readonly path: string;
}

export interface ColumnSpec {
  readonly path: string;
  readonly measure: Measure;
  /** The step whose value stands for the series, instead of the measure; null for none. */
  readonly at: BestStep | null;
  readonly name: string;
  /** Pixels; null is as wide as it needs. */
  readonly width: number | null;
  readonly pinned: boolean;
  readonly format: NumberFormat;
}

/** The column that every table begins with. */
export const RUN_PATH = "sys/name";
export const TAGS_PATH = "sys/tags";
export const NOTES_PATH = "sys/description";

/** What every run has, and the answer holds without being asked. */
export const OWN_COLUMNS: Readonly<Record<string, { readonly title: string; readonly width: number }>> = {
  [RUN_PATH]: { title: "Run", width: 280 },
  "sys/state": { title: "Status", width: 100 },
  "sys/creation_time": { title: "Created", width: 96 },
  "sys/running_time": { title: "Duration", width: 92 },
  [TAGS_PATH]: { title: "Tags", width: 150 },
};

export const MIN_WIDTH = 60;
export const MAX_WIDTH = 900;
const AT_BEST = /^(.+)@(min|max)\((.+)\)$/;
const CALLED = /^(last|first|min|max|min_step|max_step|average|variance|count)\((.+)\)$/;

export function columnOf(path: string, measure: Measure = "last"): ColumnSpec {
  return { path, measure, at: null, name: "", width: null, pinned: false, format: "auto" };
}

/** What tells a column from the others: its path, an aggregate of it, as `sort` names it, or what `pick` asks for. */
export function columnId({ path, measure, at }: Pick<ColumnSpec, "path" | "measure" | "at">): string {
  if (at !== null) return `${path}@${at.best}(${at.path})`;
  return measure === "last" ? path : `${measure}(${path})`;
}

/** Whether one point stands for the series: a page of runs has it beside its cells, for the server to pick. */
export function isPicked({ measure, at }: Pick<ColumnSpec, "measure" | "at">): boolean {
  return measure === "first" || at !== null;
}

/** What stands for the series, in a few words; empty for its last value. */
export function measureText({ measure, at }: Pick<ColumnSpec, "measure" | "at">): string {
  if (at !== null) return `at ${at.best} of ${at.path}`;
  return measure === "last" ? "" : MEASURE_NAMES[measure].toLowerCase();
}

export function formatColumn(spec: ColumnSpec): string {
  const parts = [columnId(spec).replace(/[%;]/g, encodeURIComponent)];
  if (spec.name !== "") parts.push(`name=${spec.name.replace(/[%;]/g, encodeURIComponent)}`);
  if (spec.width !== null) parts.push(`width=${Math.round(spec.width)}`);
  if (spec.format !== "auto") parts.push(`format=${spec.format}`);
  if (spec.pinned) parts.push("pinned");
  return parts.join(";");
}

/** The opposite of `columnId`. */
export function columnOfId(id: string): ColumnSpec {
  const [, drawn, best, of] = AT_BEST.exec(id) ?? [];
  if (drawn !== undefined && of !== undefined) {
    return { ...columnOf(drawn), at: { best: best === "max" ? "max" : "min", path: of } };
  }
  const [, measure, path] = CALLED.exec(id) ?? [];
  return path === undefined ? columnOf(id) : columnOf(path, measure as Measure);
}

/** The column that `text` names; what it says wrongly is ignored. Null if it names none. */
export function parseColumn(text: string): ColumnSpec | null {
  const [first = "", ...settings] = text.split(";");
  const id = decoded(first);
  if (id === "") return null;
  let spec = columnOfId(id);
  for (const setting of settings) {
    const at = setting.indexOf("=");
    const [key, value] = at < 0 ? [setting, ""] : [setting.slice(0, at), decoded(setting.slice(at + 1))];
    if (key === "name") spec = { ...spec, name: value };
    if (key === "pinned") spec = { ...spec, pinned: true };
    if (key === "format") spec = { ...spec, format: NUMBER_FORMATS.find((name) => name === value) ?? "auto" };
    if (key === "width" && Number(value) > 0) {
      spec = { ...spec, width: Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, Number(value))) };
    }
  }
  return spec;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The columns of a table, from what its address says and what the server chose.
 *
 * The run comes first, then what is pinned. No column is there twice.
 */
export function tableColumns(named: readonly string[] | undefined, chosen: readonly string[]): ColumnSpec[] {
  const texts = named ?? [...Object.keys(OWN_COLUMNS), ...chosen];
  const specs = new Map<string, ColumnSpec>();
  for (const text of texts) {
    const spec = parseColumn(text);
    if (spec !== null && !specs.has(columnId(spec))) specs.set(columnId(spec), spec);
  }
  const run = specs.get(RUN_PATH) ?? columnOf(RUN_PATH);
  specs.delete(RUN_PATH);
  const rest = [...specs.values()];
  return [run, ...rest.filter(({ pinned }) => pinned), ...rest.filter(({ pinned }) => !pinned)];
}

/** The paths that the server is asked for; undefined lets it choose. */
export function askedPaths(named: readonly string[] | undefined): readonly string[] {
  if (named === undefined) return [];
  const paths = new Set<string>();
  for (const { path } of tableColumns(named, [])) if (!(path in OWN_COLUMNS)) paths.add(path);
  // No path at all would leave the choice to the server.
  return paths.size === 0 ? [NOTES_PATH] : [...paths];
}

/** The points that the server is asked to pick. */
export function askedPicks(named: readonly string[] | undefined): readonly string[] {
  return tableColumns(named ?? [], [])
    .filter(isPicked)
    .map(columnId);
}

/** `columns` with the one at `from` in the place of the one at `to`. The run, at 0, stays where it is. */
export function moved(columns: readonly ColumnSpec[], from: number, to: number): ColumnSpec[] {
  const next = [...columns];
  const [taken] = next.splice(from, 1);
  const last = next.length;
  const place = Math.min(last, Math.max(1, to));
  if (taken === undefined || from === 0) return [...columns];
  // A column that is put among the pinned ones is pinned, and the other way about.
  const neighbour = place < from ? next[place] : next[place - 1];
  const pinned = place === 1 ? taken.pinned || neighbour?.pinned === true : neighbour?.pinned === true;
  next.splice(place, 0, { ...taken, pinned });
  return next;
}

/** The server takes no more keys of an order. */
const MOST_SORTS = 8;

/** Sort keys after a click on a header: alone, or, with shift, beside the others; descending, ascending, none. */
export function nextSort(sort: readonly string[], id: string, beside: boolean): string[] {
  const held = sort.find((key) => key === id || key === `-${id}`);
  const next = held === undefined ? `-${id}` : held === `-${id}` ? id : null;
  if (!beside) return next === null ? [] : [next];
  if (held === undefined) return next === null || sort.length >= MOST_SORTS ? [...sort] : [...sort, next];
  return sort.flatMap((key) => (key !== held ? [key] : next === null ? [] : [next]));
}
