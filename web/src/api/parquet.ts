/** The beginning of a table that is stored as Parquet, as a hook over the query cache. */

import { useQuery } from "@tanstack/react-query";
import { parquetCell } from "#base/parquet-cells.ts";
import { keys } from "./keys.ts";
import { ApiError, fileAddress, send } from "./request.ts";
import type { File } from "./types.ts";

export interface TableStart {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Whether there are more rows. */
  readonly isCut: boolean;
}

/** The first rows are found only by reading all of their columns' first pieces. */
export const MOST_PARQUET_BYTES = 30_000_000;

/** The first `mostRows` of a file of at most `MOST_PARQUET_BYTES`. The reader of the format is loaded with the first. */
export function useParquetStart(runId: string, path: string, file: File, mostRows: number, step: number | null = null) {
  return useQuery({
    queryKey: keys.parquet(runId, path, file.sha256, mostRows),
    queryFn: async ({ signal }) => {
      try {
        return await readStart(fileAddress(runId, path, step === null ? {} : { step }), file.size, mostRows, signal);
      } catch (error) {
        if (error instanceof ApiError || error instanceof DOMException) throw error;
        throw new Error("It is damaged, or packed in a way that the page cannot read. Download it to open it.");
      }
    },
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

async function readStart(url: string, size: number, mostRows: number, signal: AbortSignal): Promise<TableStart> {
  if (size === 0) throw new RangeError("An empty file has no ranges");
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import("hyparquet");
  const file = {
    byteLength: size,
    slice: async (start: number, end: number = size) => {
      const headers = { range: `bytes=${start}-${end - 1}` };
      return await (await send(url, { signal, headers })).arrayBuffer();
    },
  };
  const metadata = await parquetMetadataAsync(file);
  const head = parquetSchema(metadata).children.map(({ element }) => element.name);
  const count = Number(metadata.num_rows);
  const found = await parquetReadObjects({ file, metadata, rowEnd: Math.min(count, mostRows) });
  return {
    head,
    rows: found.map((row) => head.map((name) => parquetCell(row[name]))),
    isCut: count > mostRows,
  };
}
