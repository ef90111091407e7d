import { expect, test } from "vitest";
import { BucketLoader } from "./bucket-loader.ts";

const nothing = () => {
  const header = new TextEncoder().encode('{"position":5,"series":[]}');
  const body = new ArrayBuffer(32);
  new DataView(body).setUint32(0, header.length, true);
  new Uint8Array(body, 4).set(header);
  return body;
};

test("panels that ask together share one request", async () => {
  const asked: string[] = [];
  const loader = new BucketLoader((url) => {
    asked.push(url);
    return Promise.resolve(nothing());
  });
  const [one, two] = await Promise.all([loader.load("r", "a/b", null), loader.load("r", "c", null)]);
  expect(asked).toEqual(["/api/v1/series/buckets?run=r&path=a%2Fb&path=c&max_buckets=1000"]);
  expect([one.rows, two.rows]).toEqual([0, 0]);
});

test("zoomed panels ask for their own range", async () => {
  const asked: string[] = [];
  const loader = new BucketLoader((url) => {
    asked.push(url);
    return Promise.resolve(nothing());
  });
  await Promise.all([loader.load("r", "a", null), loader.load("r", "a", { first: 3, last: 9 })]);
  expect(asked).toHaveLength(2);
  expect(asked[1]).toContain("first_step=3&last_step=9");
});

test("every panel of a failed request learns why", async () => {
  const loader = new BucketLoader(() => Promise.reject(new Error("away")));
  const results = await Promise.allSettled([loader.load("r", "a", null), loader.load("r", "b", null)]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
