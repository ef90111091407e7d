/** Decoder of the binary form of buckets, `application/vnd.marigram.columns`. Columns are views: nothing is copied. */

import { type Buckets, bucketsOf, COLUMN_NAMES, columnsFrom } from "#base/buckets.ts";

export const COLUMNS_MEDIA_TYPE = "application/vnd.marigram.columns";

export interface SeriesColumns {
  readonly runId: string;
  readonly path: string;
  readonly buckets: Buckets;
}

interface Header {
  position: number;
  series: { run_id: string; path: string; rows: number }[];
}

const LENGTH_BYTES = 4;
const FLOAT_BYTES = 8;

/**
 * The series in `body`: u32 header length, header JSON, zeros up to a multiple of 8, then for each series its columns.
 *
 * @throws Error `body` is cut short, or this machine is not little-endian.
 */
export function decodeColumns(body: ArrayBuffer): SeriesColumns[] {
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) {
    throw new Error("This browser's machine orders bytes in an unsupported way. Use another machine to see charts.");
  }
  if (body.byteLength < LENGTH_BYTES) throw cutShort();
  const headerLength = new DataView(body).getUint32(0, true);
  if (LENGTH_BYTES + headerLength > body.byteLength) throw cutShort();
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(body, LENGTH_BYTES, headerLength))) as Header;
  let at = Math.ceil((LENGTH_BYTES + headerLength) / FLOAT_BYTES) * FLOAT_BYTES;
  return header.series.map(({ run_id, path, rows }) => {
    if (at + rows * COLUMN_NAMES.length * FLOAT_BYTES > body.byteLength) throw cutShort();
    const columns = columnsFrom(() => {
      const column = new Float64Array(body, at, rows);
      at += rows * FLOAT_BYTES;
      return column;
    });
    return { runId: run_id, path, buckets: bucketsOf(columns, rows, header.position) };
  });
}

function cutShort(): Error {
  return new Error("The server's answer was cut short. Reload the page.");
}
