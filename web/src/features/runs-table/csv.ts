/** The table as a CSV file (RFC 4180): all runs that match, page by page, with every digit. */

import { fetchRuns, type RunsQuery } from "#api/run-pages.ts";
import type { RunRow } from "#api/types.ts";
import { exactText } from "./cells.ts";
import { type ColumnSpec, columnId, RUN_PATH } from "./column-spec.ts";

const RUNS_PER_REQUEST = 500;

export interface Progress {
  readonly written: number;
  readonly total: number;
}

/** @throws ApiError a page could not be fetched; DOMException it was cancelled by `signal`. */
export async function exportCsv(
  project: string,
  query: RunsQuery,
  columns: readonly ColumnSpec[],
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const parts = [csvLine(["key", "id", ...columns.map(headOf)])];
  const now = Date.now();
  let cursor: string | null = null;
  let written = 0;
  do {
    const page: Awaited<ReturnType<typeof fetchRuns>> = await fetchRuns(project, query, {
      cursor,
      limit: RUNS_PER_REQUEST,
      signal,
    });
    parts.push(page.rows.map((row) => rowLine(row, columns, now)).join(""));
    cursor = page.cursor;
    written += page.rows.length;
    onProgress({ written, total: page.total });
  } while (cursor !== null);
  return new Blob(parts, { type: "text/csv;charset=utf-8" });
}

function headOf(column: ColumnSpec): string {
  return column.name === "" ? (column.path === RUN_PATH ? "name" : columnId(column)) : column.name;
}

export function rowLine(row: RunRow, columns: readonly ColumnSpec[], now: number): string {
  return csvLine([row.run.key, row.run.id, ...columns.map((column) => exactText(row, column, now))]);
}

export function csvLine(fields: readonly string[]): string {
  return `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",")}\r\n`;
}

/** Have the browser save `blob`. */
export function saveBlob(blob: Blob, filename: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = filename;
  link.click();
  // The browser reads it after this returns.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
