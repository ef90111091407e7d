/** The shapes of the read API, by the names that the server gives them. Times are milliseconds since 1970-01-01 UTC. */

import type { JsonFloat } from "#base/numbers.ts";
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];

export type Kind = Schemas["Kind"];
export type Run = Schemas["Run"];
export type File = Schemas["File"];
export type Histogram = Schemas["Histogram"];
export type StopHow = Schemas["StopHow"];
export type StopRequest = Schemas["StopRequest"];
export type Session = Schemas["Session"];
export type ProjectInfo = Schemas["ProjectInfo"];
export type ProjectList = Schemas["ProjectList"];
export type SeriesInfo = Schemas["SeriesInfo"];
export type AttributeInfo = Schemas["AttributeInfo"];
export type EarlierValue = Schemas["EarlierValueInfo"];
export type ValueHistory = Schemas["ValueHistory"];
export type AttributePage = Schemas["AttributePage"];
export type Overview = Schemas["Overview"];
export type PathSection = Schemas["PathSection"];
export type PathSectionList = Schemas["PathSectionList"];
export type PathPage = Schemas["PathPage"];
export type MediaSection = Schemas["MediaSection"];
export type MediaSectionList = Schemas["MediaSectionList"];
export type MediaBeside = Schemas["MediaBeside"];
export type TextPair = Schemas["TextPairInfo"];
export type TextPairList = Schemas["TextPairList"];
export type ValuePairList = Schemas["ValuePairList"];
export type TreeRow = Schemas["TreeRowInfo"];
export type TreePage = Schemas["TreePage"];
export type Column = Schemas["Column"];
export type ColumnList = Schemas["ColumnList"];
export type RunRow = Schemas["RunRow"];
export type RunPage = Schemas["RunPage"];
export type RunChange = Schemas["RunChange"];
export type RunGroupInfo = Schemas["RunGroupInfo"];
export type RunGroupPage = Schemas["RunGroupPage"];
export type RunList = Schemas["RunList"];
export type View = Schemas["View"];
export type ViewKind = Schemas["ViewKind"];
export type ViewList = Schemas["ViewList"];
export type PointRow = Schemas["PointRow"];
export type PointPage = Schemas["PointPage"];
export type FoundPage = Schemas["FoundPage"];
export type StepAt = Schemas["StepAt"];
export type RunFolder = Schemas["RunFolder"];
export type RunName = Schemas["RunName"];
export type ModelStage = Schemas["ModelStage"];
export type ModelVersion = Schemas["ModelVersion"];
export type RegisteredModel = Schemas["RegisteredModel"];
export type RegisteredModelInfo = Schemas["RegisteredModelInfo"];
export type RegisteredModelList = Schemas["RegisteredModelList"];
export type ModelVersionInfo = Schemas["ModelVersionInfo"];
export type RegisteredModelPage = Schemas["RegisteredModelPage"];
export type LoggedModelInfo = Schemas["LoggedModelInfo"];
export type LoggedModelList = Schemas["LoggedModelList"];
export type Lineage = Schemas["LineageAnswer"];

/** Why a request was refused: what happened, then what to do. Every answer outside of 2xx has this shape. */
export interface Problem {
  code: string;
  message: string;
  /** Where a query is wrong, in characters from its beginning. */
  position?: number | null;
}

// What live streams carry is no part of the OpenAPI document, which has no words for server-sent events.

/** One series in a `points` event of a run's live stream. */
export interface LiveSeries {
  path: string;
  kind: Kind;
  steps: number[];
  times: number[];
  values: (JsonFloat | File | Histogram)[];
}

export interface LivePoints {
  position: number;
  series: LiveSeries[];
}

export interface LiveReset {
  position: number;
}

/** Null stands for many paths. */
export interface LiveAttributes {
  paths: string[] | null;
}
