/** All runs that a table's query matches, page by page, and what the columns of a file of them are called. */

import { fetchRuns, type RunsQuery } from "#api/run-pages.ts";
import type { RunRow } from "#api/types.ts";
import { type ColumnSpec, columnId, RUN_PATH } from "./column-spec.ts";

const RUNS_PER_REQUEST = 500;

export interface Progress {
  readonly written: number;
  readonly total: number;
}

/** The table as it is shown, of which all runs are wanted. */
export interface Export {
  readonly project: string;
  readonly query: RunsQuery;
  readonly columns: readonly ColumnSpec[];
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

/** @throws ApiError a page could not be fetched; DOMException it was cancelled by `signal`. */
export async function* exportedRows({ project, query, onProgress, signal }: Export): AsyncGenerator<readonly RunRow[]> {
  let cursor: string | null = null;
  let written = 0;
  do {
    const page: Awaited<ReturnType<typeof fetchRuns>> = await fetchRuns(project, query, {
      cursor,
      limit: RUNS_PER_REQUEST,
      signal,
    });
    yield page.rows;
    cursor = page.cursor;
    written += page.rows.length;
    onProgress({ written, total: page.total });
  } while (cursor !== null);
}

export function headOf(column: ColumnSpec): string {
  return column.name === "" ? (column.path === RUN_PATH ? "name" : columnId(column)) : column.name;
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

/** A file has each name once: a second one gets a number. */
export function different(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let number = 2; taken.has(free); number += 1) free = `${name} (${number})`;
    taken.add(free);
    return free;
  });
}
