/** The table as a CSV file (RFC 4180): all runs that match, with every digit. */

import type { RunRow } from "#api/types.ts";
import type { ColumnSpec } from "./column-spec.ts";
import { exactText } from "./exact-values.ts";
import { different, type Export, exportedRows, headOf } from "./export-rows.ts";

/** @throws ApiError a page could not be fetched; DOMException it was cancelled. */
export async function exportCsv(wanted: Export): Promise<Blob> {
  const { columns } = wanted;
  const parts = [csvLine(different(["key", "id", ...columns.map(headOf)]))];
  const now = Date.now();
  for await (const rows of exportedRows(wanted)) parts.push(rows.map((row) => rowLine(row, columns, now)).join(""));
  return new Blob(parts, { type: "text/csv;charset=utf-8" });
}

export function rowLine(row: RunRow, columns: readonly ColumnSpec[], now: number): string {
  return csvLine([row.run.key, row.run.id, ...columns.map((column) => exactText(row, column, now))]);
}

export function csvLine(fields: readonly string[]): string {
  return `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",")}\r\n`;
}
