/**
 * The table as a Parquet file: all runs that match, each column with one type.
 *
 * A column of truths, whole numbers, floats or moments has that type, whole numbers and floats together are floats, and
 * a column of anything else is text. This brings the writer of the format along, so it is loaded when it is needed.
 */

import { parquetWriteBuffer } from "hyparquet-writer";
import { type Exact, exactValue } from "./exact-values.ts";
import { different, type Export, exportedRows, headOf } from "./export-rows.ts";

/** @throws ApiError a page could not be fetched; DOMException it was cancelled. */
export async function exportParquet(wanted: Export): Promise<Blob> {
  const { columns } = wanted;
  const now = Date.now();
  const keys: string[] = [];
  const ids: string[] = [];
  const values: Exact[][] = columns.map(() => []);
  for await (const rows of exportedRows(wanted)) {
    for (const row of rows) {
      keys.push(row.run.key);
      ids.push(row.run.id);
      for (const [at, column] of columns.entries()) values[at]?.push(exactValue(row, column, now));
    }
  }
  const names = different(["key", "id", ...columns.map(headOf)]);
  const [keyName = "", idName = "", ...rest] = names;
  const columnData = [
    { name: keyName, data: keys, type: "STRING" as const, nullable: false },
    { name: idName, data: ids, type: "STRING" as const, nullable: false },
    ...values.map((each, at) => ({ name: rest[at] ?? "", ...typedColumn(each) })),
  ];
  return new Blob([parquetWriteBuffer({ columnData })], { type: "application/vnd.apache.parquet" });
}

type ColumnType = "BOOLEAN" | "INT64" | "DOUBLE" | "TIMESTAMP" | "STRING";

/** The type that holds all of `values`, and the values in it. */
export function typedColumn(values: readonly Exact[]): { type: ColumnType; data: Exact[] } {
  const types = new Set(values.flatMap((value) => (value === null ? [] : [typeOf(value)])));
  const [type = "STRING"] = types;
  if (types.size <= 1 && type !== "STRING") return { type, data: [...values] };
  if (types.size === 2 && types.has("INT64") && types.has("DOUBLE")) {
    return { type: "DOUBLE", data: values.map((value) => (typeof value === "bigint" ? Number(value) : value)) };
  }
  return { type: "STRING", data: values.map(textOf) };
}

function typeOf(value: Exclude<Exact, null>): ColumnType {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "STRING" : "TIMESTAMP";
  switch (typeof value) {
    case "boolean":
      return "BOOLEAN";
    case "number":
      return "DOUBLE";
    case "bigint":
      return BigInt.asIntN(64, value) === value ? "INT64" : "STRING";
    case "string":
      return "STRING";
  }
}

function textOf(value: Exact): string | null {
  if (value === null) return null;
  return value instanceof Date ? value.toISOString() : String(value);
}
