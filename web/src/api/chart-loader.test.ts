import { expect, test } from "vitest";
import { ChartLoader, type ChartQuestion } from "./chart-loader.ts";

const QUESTION: ChartQuestion = { of: "buckets", runIds: ["r"], path: "a", range: null, maxBuckets: 1000 };

function noting() {
  const asked: string[] = [];
  const loader = new ChartLoader((url) => {
    asked.push(url);
    return Promise.resolve(new ArrayBuffer(8));
  });
  return { asked, loader };
}

test("panels that ask together share one request", async () => {
  const { asked, loader } = noting();
  await Promise.all([loader.load({ ...QUESTION, path: "a/b" }), loader.load({ ...QUESTION, path: "c" })]);
  expect(asked).toEqual(["/api/v1/series/buckets?run=r&path=a%2Fb&path=c&max_buckets=1000"]);
});

test("zoomed panels ask for their own range, of steps or of times", async () => {
  const { asked, loader } = noting();
  await Promise.all([
    loader.load(QUESTION),
    loader.load({ ...QUESTION, range: { by: "step", first: 3, last: 9 } }),
    loader.load({ ...QUESTION, range: { by: "relative", first: 3, last: 9 } }),
  ]);
  expect(asked).toHaveLength(3);
  expect(asked[1]).toContain("first_step=3&last_step=9");
  expect(asked[2]).toContain("first_time=3&last_time=9&time_zero=creation");
  const beside = { before: 64, after: 1 };
  await loader.load({ ...QUESTION, range: { by: "step", first: 3, last: 9 }, beside });
  expect(asked[3]).toContain("points_before=64&points_after=1");
});

test("what is asked about several runs stays below what the server answers at once", async () => {
  const { asked, loader } = noting();
  const runIds = Array.from({ length: 300 }, (_, index) => `r${index}`);
  const bodies = await loader.load({ ...QUESTION, runIds });
  expect(bodies).toHaveLength(3);
  expect(asked.map((url) => url.split("run=").length - 1)).toEqual([128, 128, 44]);
});

test("many runs share a request of few paths", async () => {
  const { asked, loader } = noting();
  const runIds = Array.from({ length: 50 }, (_, index) => `r${index}`);
  await Promise.all(["a", "b", "c"].map((path) => loader.load({ ...QUESTION, runIds, path })));
  expect(asked.map((url) => url.split("path=").length - 1)).toEqual([2, 1]);
});

test("a series over another names it", async () => {
  const { asked, loader } = noting();
  await loader.load({ ...QUESTION, of: "crossed", over: "train/epoch" });
  expect(asked[0]).toContain("/series/crossed?run=r&path=a&over=train%2Fepoch");
});

test("every panel of a failed request learns why", async () => {
  const loader = new ChartLoader(() => Promise.reject(new Error("away")));
  const results = await Promise.allSettled([loader.load(QUESTION), loader.load({ ...QUESTION, path: "b" })]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
