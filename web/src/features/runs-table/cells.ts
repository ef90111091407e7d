/** What a run has at a path, in one short line. */

import type { AttributeInfo } from "#api/types.ts";
import { stripAnsi } from "#base/ansi.ts";
import { formatBytes, formatCount, formatNumber, parseJsonFloat } from "#base/numbers.ts";
import { formatMoment } from "#base/time.ts";

/** Text of a cell; an empty string if the run has nothing there. A series is shown by its last value. */
export function cellText(attribute: AttributeInfo | undefined): string {
  if (attribute === undefined) return "";
  const { kind, value, series, file } = attribute;
  switch (kind) {
    case "float_series":
      return formatNumber(parseJsonFloat(series?.last));
    case "string_series":
      return typeof series?.last === "string" ? stripAnsi(series.last) : "";
    case "file_series":
      return `${formatCount(series?.count ?? 0)} files`;
    case "histogram_series":
      return `${formatCount(series?.count ?? 0)} histograms`;
    case "file":
      return file ? `${file.filename} · ${formatBytes(file.size)}` : "";
    case "float":
    case "int":
      return formatNumber(parseJsonFloat(Array.isArray(value) || typeof value === "boolean" ? null : value));
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

/** Numbers stand at the right, so that their digits line up. */
export function isNumeric(kind: AttributeInfo["kind"]): boolean {
  return kind === "float_series" || kind === "float" || kind === "int";
}
