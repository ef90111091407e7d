/**
 * Buckets of one float series as columns, and the way new points join them.
 *
 * Columns are `Float64Array`s that may be longer than `rows`: the room behind the last row lets a live point be appended
 * without copying. Rows that exist are never changed by an append, so an older `Buckets` stays what it was.
 */

export const COLUMN_NAMES = [
  "stepFirst",
  "stepLast",
  "timeFirst",
  "timeLast",
  "first",
  "last",
  "min",
  "max",
  "mean",
  "count",
  "nanCount",
  "infCount",
] as const;

export type ColumnName = (typeof COLUMN_NAMES)[number];

export type BucketColumns = { readonly [Name in ColumnName]: Float64Array };

export interface Buckets {
  readonly rows: number;
  readonly columns: BucketColumns;
  /** The live position that the rows include. */
  readonly position: number;
  /** Rows appended from the live stream since the server downsampled. */
  readonly appended: number;
  /** How many rows of `columns` any holder has written; shared, so that two appends never write one row. */
  readonly room: { written: number };
}

export interface NewPoints {
  readonly steps: ArrayLike<number>;
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** `appended` means that the answer is complete; `stale` that only the server can tell how the series looks now. */
export interface Merge {
  readonly outcome: "appended" | "stale";
  readonly buckets: Buckets;
}

/** Column `name` of `buckets`, as long as it has rows. */
export function column(buckets: Buckets, name: ColumnName): Float64Array {
  return buckets.columns[name].subarray(0, buckets.rows);
}

export function bucketsOf(columns: BucketColumns, rows: number, position: number): Buckets {
  // Columns that came from the wire have no room behind them: the first append must copy.
  return { rows, columns, position, appended: 0, room: { written: rows } };
}

/**
 * Add `points` to the end of `buckets`, each as a bucket of one.
 *
 * A point at the very last step replaces it if that row is a single point. A point before the last step, or one that
 * belongs into a bucket of many, makes the answer `stale`: the rows that could be appended are there, but the server
 * must be asked.
 */
export function appendPoints(buckets: Buckets, points: NewPoints, position: number): Merge {
  let { rows, appended } = buckets;
  let columns = buckets.columns;
  let room = buckets.room;
  let stale = false;
  const reserve = (needed: number) => {
    if (room.written === rows && needed <= columns.count.length) return;
    columns = grown(columns, rows, needed);
    room = { written: rows };
  };
  for (let index = 0; index < points.steps.length; index += 1) {
    const step = points.steps[index] ?? Number.NaN;
    const lastStep = rows > 0 ? (columns.stepLast[rows - 1] ?? Number.NaN) : Number.NEGATIVE_INFINITY;
    if (step < lastStep) {
      stale = true;
      continue;
    }
    if (step === lastStep) {
      if ((columns.count[rows - 1] ?? 0) !== 1) {
        // An answer that already includes the point says the same value; anything else needs the server.
        if (!Object.is(columns.last[rows - 1], points.values[index])) stale = true;
        continue;
      }
      if (Object.is(columns.last[rows - 1], points.values[index])) continue;
      columns = grown(columns, rows - 1, rows);
      room = { written: rows - 1 };
      rows -= 1;
      appended -= 1;
    }
    reserve(rows + 1);
    writePoint(columns, rows, step, points.times[index] ?? 0, points.values[index] ?? Number.NaN);
    rows += 1;
    appended += 1;
    room.written = rows;
  }
  const merged = {
    rows,
    columns,
    position: Math.max(position, buckets.position),
    appended: Math.max(0, appended),
    room,
  };
  return { outcome: stale ? "stale" : "appended", buckets: merged };
}

const FIRST_ROOM = 256;

function grown(columns: BucketColumns, rows: number, needed: number): BucketColumns {
  const capacity = Math.max(FIRST_ROOM, Math.ceil(needed * 1.5));
  const copy = (name: ColumnName) => {
    const wider = new Float64Array(capacity);
    wider.set(columns[name].subarray(0, rows));
    return wider;
  };
  return columnsFrom(copy);
}

/** Columns made one by one; the one place that lists them, so that none is forgotten. */
export function columnsFrom(make: (name: ColumnName) => Float64Array): BucketColumns {
  return Object.fromEntries(COLUMN_NAMES.map((name) => [name, make(name)])) as BucketColumns;
}

function writePoint(columns: BucketColumns, row: number, step: number, time: number, value: number): void {
  const finite = Number.isFinite(value);
  const statistic = finite ? value : Number.NaN;
  columns.stepFirst[row] = step;
  columns.stepLast[row] = step;
  columns.timeFirst[row] = time;
  columns.timeLast[row] = time;
  columns.first[row] = value;
  columns.last[row] = value;
  columns.min[row] = statistic;
  columns.max[row] = statistic;
  columns.mean[row] = statistic;
  columns.count[row] = 1;
  columns.nanCount[row] = Number.isNaN(value) ? 1 : 0;
  columns.infCount[row] = finite || Number.isNaN(value) ? 0 : 1;
}
