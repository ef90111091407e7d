/** Decoder of the binary form of charts, `application/vnd.marigram.columns`. Columns are views: nothing is copied. */

import { type Buckets, bucketsOf, COLUMN_NAMES } from "#base/buckets.ts";

export const COLUMNS_MEDIA_TYPE = "application/vnd.marigram.columns";

/** One table of an answer. */
export interface Table<Name extends string> {
  /** The run that it is of; null if it is of several. */
  readonly runId: string | null;
  readonly path: string;
  readonly rows: number;
  /** The live position that the rows include. */
  readonly position: number;
  readonly columns: { readonly [Each in Name]: Float64Array };
}

export interface SeriesColumns {
  readonly runId: string;
  readonly path: string;
  readonly buckets: Buckets;
}

interface Label {
  run_id?: string;
  path: string;
  rows: number;
}

interface Header {
  position: number;
  series?: Label[];
  groups?: Label[];
}

const LENGTH_BYTES = 4;
const FLOAT_BYTES = 8;

/**
 * The tables in `body`: u32 header length, header JSON, zeros up to a multiple of 8, then for each table its columns,
 * which have these `names`.
 *
 * @throws Error `body` is cut short, or this machine is not little-endian.
 */
export function decodeTables<Name extends string>(body: ArrayBuffer, names: readonly Name[]): Table<Name>[] {
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) {
    throw new Error("This browser's machine orders bytes in an unsupported way. Use another machine to see charts.");
  }
  if (body.byteLength < LENGTH_BYTES) throw cutShort();
  const headerLength = new DataView(body).getUint32(0, true);
  if (LENGTH_BYTES + headerLength > body.byteLength) throw cutShort();
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(body, LENGTH_BYTES, headerLength))) as Header;
  let at = Math.ceil((LENGTH_BYTES + headerLength) / FLOAT_BYTES) * FLOAT_BYTES;
  return (header.series ?? header.groups ?? []).map(({ run_id = null, path, rows }) => {
    if (at + rows * names.length * FLOAT_BYTES > body.byteLength) throw cutShort();
    const columns = Object.fromEntries(
      names.map((name) => {
        const column = new Float64Array(body, at, rows);
        at += rows * FLOAT_BYTES;
        return [name, column];
      }),
    ) as { [Each in Name]: Float64Array };
    return { runId: run_id, path, rows, position: header.position, columns };
  });
}

/** The series of an answer of buckets. */
export function decodeColumns(body: ArrayBuffer): SeriesColumns[] {
  return decodeTables(body, COLUMN_NAMES).map(({ runId, path, rows, position, columns }) => ({
    runId: runId ?? "",
    path,
    buckets: bucketsOf(columns, rows, position),
  }));
}

function cutShort(): Error {
  return new Error("The server's answer was cut short. Reload the page.");
}
