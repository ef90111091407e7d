/** Keys of the query cache. Every key of a run begins alike, so that a run can be forgotten at once. */

import type { Beside, SeriesRange } from "#base/series-range.ts";
import type { AttributesQuestion } from "./attributes-question.ts";
import type { ChartQuestion } from "./chart-loader.ts";
import type { RunChoice } from "./importance.ts";
import type { RunsQuery } from "./run-pages.ts";
import type { SeriesQuestion } from "./series-paths.ts";
import type { TreeQuestion } from "./tree-window.ts";
import type { ViewKind } from "./types.ts";

export const keys = {
  session: () => ["session"] as const,
  projects: () => ["projects"] as const,
  allRecentRuns: () => ["recent-runs"] as const,
  recentRuns: (ended: boolean) => ["recent-runs", ended] as const,
  foundRuns: (text: string) => ["found-runs", text] as const,
  newestRuns: (project: string, search: string, most: number) => ["newest-runs", project, search, most] as const,
  views: (project: string, kind: ViewKind) => ["views", project, kind] as const,
  allRuns: (project: string) => ["runs", project] as const,
  runs: (project: string, query: RunsQuery) => ["runs", project, query] as const,
  /** Groups of runs, and the runs inside them. */
  allGroups: (project: string) => ["run-groups", project] as const,
  columns: (project: string, search: string) => ["columns", project, search] as const,
  run: (project: string, key: string) => ["run-by-key", project, key] as const,
  parent: (runId: string) => ["run", runId, "parent"] as const,
  registeredModels: () => ["models"] as const,
  registeredModel: (name: string) => ["models", name] as const,
  loggedModel: (id: string) => ["logged-models", id] as const,
  lineage: (runId: string) => ["run", runId, "lineage"] as const,
  attributes: (runId: string) => ["run", runId, "attributes"] as const,
  /** Lists of attributes, each kept up to date by what the stream says of single ones. */
  attributeLists: (runId: string) => ["run", runId, "attributes", "list"] as const,
  attributeList: (runId: string, asked: AttributesQuestion) => ["run", runId, "attributes", "list", asked] as const,
  // Below `attributes`, so that a change of those is seen here too.
  valueHistory: (runId: string, path: string) => ["run", runId, "attributes", "history", path] as const,
  overview: (runId: string) => ["run", runId, "attributes", "overview"] as const,
  modelsOfRun: (runId: string) => ["run", runId, "attributes", "models"] as const,
  tree: (runId: string, asked: TreeQuestion, part: number | "sizes") =>
    ["run", runId, "attributes", "tree", asked, part] as const,
  firstSource: (runId: string, wanted: readonly string[], below: string | null) =>
    ["run", runId, "attributes", "first-source", wanted, below] as const,
  mediaSections: (runId: string, search: string) => ["run", runId, "attributes", "media", "sections", search] as const,
  mediaPages: (runId: string, search: string, section: string, after: string | null) =>
    ["run", runId, "attributes", "media", "pages", search, section, after] as const,
  mediaBeside: (runId: string, search: string, path: string) =>
    ["run", runId, "attributes", "media", "beside", search, path] as const,
  attribute: (runId: string, path: string) => ["run", runId, "attributes", "one", path] as const,
  annotations: (runId: string) => ["run", runId, "attributes", "annotations"] as const,
  buckets: (runId: string, path: string, range: SeriesRange | null, beside: Beside | null) =>
    ["run", runId, "buckets", path, range, beside] as const,
  /** Of several runs, or of one that has no stream here. */
  chart: (question: ChartQuestion) => ["chart", question] as const,
  // The first words of these are `COMPARISON_KEYS`.
  comparedRuns: (project: string, runs: readonly string[]) => ["compared", project, runs] as const,
  /** All that is asked about the series of these runs. */
  seriesOf: (runIds: readonly string[]) => ["series-paths", runIds] as const,
  seriesSections: (asked: SeriesQuestion, search: string) =>
    ["series-paths", asked.runIds, "sections", asked, search] as const,
  seriesPages: (asked: SeriesQuestion, search: string, section: string | null, after: string | null) =>
    ["series-paths", asked.runIds, "pages", asked, search, section, after] as const,
  foundPaths: (asked: SeriesQuestion, search: string, most: number) =>
    ["series-paths", asked.runIds, "found", asked, search, most] as const,
  knownPaths: (asked: SeriesQuestion, names: readonly string[]) =>
    ["series-paths", asked.runIds, "known", asked, names] as const,
  compared: (runIds: readonly string[], search: string) => ["compared-attributes", runIds, search] as const,
  differences: (before: string, after: string) => ["differences", before, after] as const,
  values: (project: string, runKeys: readonly string[], paths: readonly string[]) =>
    ["values", project, runKeys, paths] as const,
  importance: (project: string, target: string, choice: RunChoice) => ["importance", project, target, choice] as const,
  images: (runId: string, path: string) => ["images", runId, path] as const,
  textPairs: (runs: readonly string[], search: string) => ["texts", runs, "pairs", search] as const,
  textPair: (runs: readonly string[], name: string) => ["texts", runs, "one", name] as const,
  valuePairs: (runs: readonly string[], search: string) => ["texts", runs, "values", search] as const,
  lastLines: (runId: string, path: string) => ["last-lines", runId, path] as const,
  chosenPaths: (project: string) => ["chosen-paths", project] as const,
  points: (runId: string, path: string) => ["run", runId, "points", path] as const,
  parquet: (runId: string, path: string, sha256: string, rows: number) =>
    ["run", runId, "parquet", path, sha256, rows] as const,
  text: (runId: string, path: string, sha256: string) => ["run", runId, "text", path, sha256] as const,
};

/** How keys begin that a comparison of runs asks with, besides `chart`. */
export const COMPARISON_KEYS = ["compared", "series-paths", "compared-attributes", "differences", "values"] as const;
