/** The shapes of the read API, by the names that the server gives them. Times are milliseconds since 1970-01-01 UTC. */

import type { JsonFloat } from "#base/numbers.ts";
import type { RunStatus } from "#base/run-status.ts";

export type Kind =
  | "bool"
  | "int"
  | "float"
  | "string"
  | "datetime"
  | "string_set"
  | "file"
  | "float_series"
  | "string_series"
  | "file_series";

export type JsonValue = boolean | number | string | string[];

export interface Run {
  id: string;
  key: string;
  project: string;
  name: string;
  status: RunStatus;
  created_at: number;
  ended_at: number | null;
  heard_at: number;
  exit_code: number | null;
  failure: string | null;
  tags: string[];
}

export interface StoredFile {
  sha256: string;
  filename: string;
  media_type: string;
  size: number;
  caption: string | null;
}

export interface Session {
  token_required: boolean;
  signed_in: boolean;
  version: string;
}

export interface Problem {
  code: string;
  message: string;
}

export interface ProjectInfo {
  name: string;
  run_count: number;
  running_count: number;
  created_at: number;
  heard_at: number;
}

export interface ProjectList {
  projects: ProjectInfo[];
}

export interface SeriesInfo {
  count: number;
  first_step: number;
  last_step: number;
  last_time: number;
  last: JsonFloat | null;
  min: number | null;
  max: number | null;
  mean: number | null;
  variance: number | null;
  nan_count: number;
  inf_count: number;
}

export interface AttributeInfo {
  path: string;
  kind: Kind;
  value?: JsonValue | null;
  series?: SeriesInfo | null;
  file?: StoredFile | null;
}

export interface AttributePage {
  attributes: AttributeInfo[];
  cursor: string | null;
}

export interface Column {
  path: string;
  kind: Kind;
  run_count: number;
}

export interface ColumnList {
  columns: Column[];
}

export interface RunRow {
  run: Run;
  cells: Record<string, AttributeInfo>;
}

export interface RunPage {
  rows: RunRow[];
  columns: Column[];
  total: number;
  cursor: string | null;
}

export interface PointRow {
  step: number;
  time: number;
  value?: JsonFloat | null;
  file?: StoredFile | null;
}

export interface PointPage {
  kind: Kind;
  points: PointRow[];
  total: number;
  cursor: string | null;
  position: number;
}

/** One series in a `points` event of a run's live stream. */
export interface LiveSeries {
  path: string;
  kind: Kind;
  steps: number[];
  times: number[];
  values: (JsonFloat | StoredFile)[];
}

export interface LivePoints {
  position: number;
  series: LiveSeries[];
}

export interface LiveReset {
  position: number;
}

export interface LiveAttributes {
  paths: string[] | null;
}
