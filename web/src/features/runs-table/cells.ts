/** What a run has at a path, in one short line. */

import type { AttributeInfo, RunRow, SeriesInfo } from "#api/types.ts";
import { stripAnsi } from "#base/ansi.ts";
import { formatBytes, formatCount, formatNumber, type JsonFloat, parseJsonFloat } from "#base/numbers.ts";
import { formatMoment } from "#base/time.ts";
import { type ColumnSpec, columnId, isPicked, type Measure, type NumberFormat } from "./column-spec.ts";

/** Text of a cell; an empty string if the run has nothing there. */
export function cellText(
  attribute: AttributeInfo | undefined,
  measure: Measure = "last",
  format: NumberFormat = "auto",
): string {
  if (attribute === undefined) return "";
  const { kind, value, series, file } = attribute;
  if (series && measure !== "last") {
    const number = measured(series, measure);
    return number === null ? "" : numberText(number, measure === "count" && format === "auto" ? "0" : format);
  }
  switch (kind) {
    case "float_series":
      return numberText(parseJsonFloat(series?.last), format);
    case "string_series":
      return typeof series?.last === "string" ? stripAnsi(series.last) : "";
    case "file_series":
      return `${formatCount(series?.count ?? 0)} files`;
    case "histogram_series":
      return `${formatCount(series?.count ?? 0)} histograms`;
    case "file":
      return file ? `${file.filename} · ${formatBytes(file.size)}` : "";
    case "int":
      // One that no float64 holds is there as its text.
      if (format === "full" && typeof value === "string") return value.replace("-", "−");
      return numberText(parseJsonFloat(plainNumber(value)), format);
    case "float":
      return numberText(parseJsonFloat(plainNumber(value)), format);
    case "bool":
      return value === true ? "true" : "false";
    case "string_set":
      return Array.isArray(value) ? value.join(", ") : "";
    case "datetime":
      return typeof value === "string" ? formatMoment(Date.parse(value)) : "";
    case "string":
      return typeof value === "string" ? value : "";
  }
}

/** Text of what a column has of a run. */
export function columnText({ cells, picked }: RunRow, column: ColumnSpec): string {
  if (!isPicked(column)) return cellText(cells[column.path], column.measure, column.format);
  const value = picked?.[columnId(column)];
  return value === undefined ? "" : numberText(parseJsonFloat(value), column.format);
}

/** Numbers stand at the right, so that their digits line up. */
export function isNumeric(kind: AttributeInfo["kind"], measure: Measure = "last"): boolean {
  return measure !== "last" || kind === "float_series" || kind === "float" || kind === "int";
}

/** The number that stands for a series; null if it has none. */
export function measured(series: SeriesInfo, measure: Exclude<Measure, "last">): number | null {
  switch (measure) {
    case "min":
      return series.min;
    case "max":
      return series.max;
    case "min_step":
      return series.min_step;
    case "max_step":
      return series.max_step;
    case "average":
      return series.mean;
    case "variance":
      return series.variance;
    case "count":
      return series.count;
    case "first":
      // No part of a summary: the server picks it.
      return null;
  }
}

function plainNumber(value: AttributeInfo["value"]): JsonFloat | null {
  return typeof value === "number" || typeof value === "string" ? value : null;
}

/** A number as a column wants it. */
export function numberText(value: number, format: NumberFormat): string {
  if (format === "auto" || !Number.isFinite(value)) return formatNumber(value);
  const text =
    format === "full"
      ? String(value)
      : format === "percent"
        ? `${(value * 100).toFixed(1)}\u2009%`
        : format === "exponent"
          ? value.toExponential(3)
          : value.toFixed(Number(format));
  return text.replace(/-/g, "−");
}
