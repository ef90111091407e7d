/** What a run has at a path with every digit, for files: numbers, truths and moments as such, the rest as text. */

import type { AttributeInfo, RunRow } from "#api/types.ts";
import { parseJsonFloat } from "#base/numbers.ts";
import { runDuration } from "#base/run-status.ts";
import { measured } from "./cells.ts";
import { type ColumnSpec, columnId, isPicked } from "./column-spec.ts";

/** A bigint is a whole number, a number a float64; null is nothing. */
export type Exact = boolean | bigint | number | Date | string | null;

/** Durations are in seconds; `now` ends those of runs that go on. */
export function exactValue({ run, cells, picked }: RunRow, column: ColumnSpec, now: number): Exact {
  const { path, measure } = column;
  if (isPicked(column)) {
    const value = picked?.[columnId(column)];
    return value === undefined ? null : parseJsonFloat(value);
  }
  switch (path) {
    case "sys/name":
      return run.name;
    case "sys/state":
      return run.status;
    case "sys/creation_time":
      return new Date(run.created_at);
    case "sys/running_time":
      return runDuration(run, now) / 1000;
    case "sys/tags":
      return run.tags.join(", ");
  }
  const attribute = cells[path];
  if (attribute === undefined) return null;
  const { kind, series, file } = attribute;
  if (series && measure !== "last") {
    const number = measured(series, measure);
    return number !== null && measure === "count" ? BigInt(number) : number;
  }
  if (series) {
    if (series.last === null) return BigInt(series.count);
    return kind === "float_series" ? parseJsonFloat(series.last) : String(series.last);
  }
  return file ? file.filename : exactOf(attribute);
}

function exactOf({ kind, value }: AttributeInfo): Exact {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "boolean") return value;
  if (kind === "int") return BigInt(value);
  if (kind === "float") return parseJsonFloat(value);
  return kind === "datetime" ? new Date(value) : String(value);
}

/** The same as a text: moments in ISO 8601. */
export function exactText(row: RunRow, column: ColumnSpec, now: number): string {
  const value = exactValue(row, column, now);
  if (value === null) return "";
  if (Object.is(value, -0)) return "-0";
  return value instanceof Date ? value.toISOString() : String(value);
}
