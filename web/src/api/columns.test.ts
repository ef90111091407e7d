import { expect, test } from "vitest";
import { column } from "#base/buckets.ts";
import { decodeColumns } from "./columns.ts";

/** The bytes that the server would send for `series`, each given as its twelve columns. */
function encode(position: number, series: { run_id: string; path: string; columns: number[][] }[]): ArrayBuffer {
  const head = {
    position,
    series: series.map(({ run_id, path, columns }) => ({ run_id, path, rows: columns[0]?.length })),
  };
  const header = new TextEncoder().encode(JSON.stringify(head));
  const start = Math.ceil((4 + header.length) / 8) * 8;
  const values = series.flatMap(({ columns }) => columns.flat());
  const body = new ArrayBuffer(start + values.length * 8);
  new DataView(body).setUint32(0, header.length, true);
  new Uint8Array(body, 4).set(header);
  const view = new DataView(body, start);
  for (const [index, value] of values.entries()) view.setFloat64(index * 8, value, true);
  return body;
}

const twelve = (first: number[]) => [first, ...Array.from({ length: 11 }, (_, index) => first.map(() => index + 1))];

test("columns come back in their order, as views of the body", () => {
  const body = encode(42, [
    { run_id: "a", path: "train/loss", columns: twelve([0, 10]) },
    { run_id: "a", path: "é", columns: twelve([7]) },
  ]);
  const [loss, other] = decodeColumns(body);
  expect(loss?.path).toBe("train/loss");
  expect(loss?.buckets.position).toBe(42);
  if (loss === undefined || other === undefined) throw new Error("two series were encoded");
  expect([...column(loss.buckets, "stepFirst")]).toEqual([0, 10]);
  expect([...column(loss.buckets, "mean")]).toEqual([8, 8]);
  expect([...column(loss.buckets, "infCount")]).toEqual([11, 11]);
  expect(column(loss.buckets, "mean").buffer).toBe(body);
  expect(other.path).toBe("é");
  expect([...column(other.buckets, "stepFirst")]).toEqual([7]);
});

test("real NaN and infinities survive", () => {
  const columns = twelve([0]);
  columns[4] = [Number.NaN];
  columns[5] = [Number.POSITIVE_INFINITY];
  const [series] = decodeColumns(encode(1, [{ run_id: "a", path: "p", columns }]));
  expect(series?.buckets.columns.first[0]).toBeNaN();
  expect(series?.buckets.columns.last[0]).toBe(Number.POSITIVE_INFINITY);
});

test("an answer without series is empty", () => {
  expect(decodeColumns(encode(3, []))).toEqual([]);
});

test("an answer that was cut short is refused", () => {
  const body = encode(1, [{ run_id: "a", path: "p", columns: twelve([1, 2]) }]);
  expect(() => decodeColumns(body.slice(0, -8))).toThrow("cut short");
  expect(() => decodeColumns(body.slice(0, 2))).toThrow("cut short");
});
