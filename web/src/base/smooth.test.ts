import { expect, test } from "vitest";
import { parseSmoothing, reachOf, type Smoothing, smooth, smoothingText, UNSMOOTHED } from "./smooth.ts";

const ones = (length: number) => new Float64Array(length).fill(1);
const ema = (amount: number): Smoothing => ({ kind: "ema", amount });

test("a constant line stays constant from its first value on", () => {
  for (const smoothing of [ema(0.9), { kind: "average", amount: 3 }, { kind: "gaussian", amount: 2 }] as const) {
    expect([...smooth(Float64Array.of(3, 3, 3), ones(3), smoothing)]).toEqual([3, 3, 3].map((v) => expect.closeTo(v)));
  }
});

test("no weight changes nothing", () => {
  expect([...smooth(Float64Array.of(1, 5, 2), ones(3), UNSMOOTHED)]).toEqual([1, 5, 2]);
});

test("an exponential average is debiased: its first values are weighted means of what was seen", () => {
  // By hand, with a weight of 0.5: 2; (2·0.25 + 4·0.5) / 0.75; (2·0.125 + 4·0.25 + 6·0.5) / 0.875.
  const smoothed = smooth(Float64Array.of(2, 4, 6), ones(3), ema(0.5));
  expect([...smoothed]).toEqual([2, 10 / 3, 34 / 7].map((value) => expect.closeTo(value, 12)));
});

test("values that are not finite are passed through and forgotten", () => {
  for (const smoothing of [ema(0.5), { kind: "average", amount: 5 }, { kind: "gaussian", amount: 1 }] as const) {
    const smoothed = smooth(Float64Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, 1), ones(4), smoothing);
    expect(smoothed[1]).toBeNaN();
    expect(smoothed[2]).toBe(Number.POSITIVE_INFINITY);
    expect(smoothed[3]).toBeCloseTo(1);
  }
});

test("a bucket of many points weighs as much as its points", () => {
  const raw = smooth(Float64Array.of(0, 4, 4, 4), ones(4), ema(0.7));
  const bucketed = smooth(Float64Array.of(0, 4), Float64Array.of(1, 3), ema(0.7));
  expect(bucketed[1]).toBeCloseTo(raw[3] ?? 0);
});

test("a running average is centred, and shorter at the ends", () => {
  const smoothed = smooth(Float64Array.of(0, 3, 6, 9, 3), ones(5), { kind: "average", amount: 3 });
  expect([...smoothed]).toEqual([1.5, 3, 6, 6, 6]);
});

test("a running average counts points, not buckets", () => {
  // Around the last value there is one point of the bucket of five, or three of them.
  const counts = Float64Array.of(5, 1);
  expect([...smooth(Float64Array.of(0, 10), counts, { kind: "average", amount: 3 })]).toEqual([0, 5]);
  const wide = smooth(Float64Array.of(0, 12), counts, { kind: "average", amount: 7 });
  expect([...wide]).toEqual([2, 3]);
});

test("of an even number of points the two outermost count by half", () => {
  const smoothed = smooth(Float64Array.of(0, 8, 0, 16, 0, 8), ones(6), { kind: "average", amount: 4 });
  expect(smoothed[2]).toBe((0 / 2 + 8 + 0 + 16 + 0 / 2) / 4);
  expect(smoothed[3]).toBe((8 / 2 + 0 + 16 + 0 + 8 / 2) / 4);
});

test("an exponential average of very many points forgets as slowly as it should", () => {
  const smoothed = smooth(Float64Array.of(0, 1), Float64Array.of(50_000, 1), ema(1 - 1 / 10_000));
  const past = (1 - 1 / 10_000) ** 50_000;
  expect(smoothed[1]).toBeCloseTo(1 / 10_000 / (1 - past * (1 - 1 / 10_000)), 12);
});

test("a Gaussian weighs by distance", () => {
  const near = Math.exp(-0.5);
  const smoothed = smooth(Float64Array.of(0, 1, 0), ones(3), { kind: "gaussian", amount: 1 });
  expect(smoothed[1]).toBeCloseTo(1 / (1 + 2 * near), 12);
  expect(smoothed[0]).toBeCloseTo(near / (1 + near + Math.exp(-2)), 12);
});

test("a smoothing survives its address", () => {
  for (const smoothing of [ema(0.6), { kind: "average", amount: 25 }, { kind: "gaussian", amount: 10 }] as const) {
    expect(parseSmoothing(smoothingText(smoothing))).toEqual(smoothing);
  }
  expect(smoothingText(UNSMOOTHED)).toBeUndefined();
});

test("a smoothing that an address says wrongly smooths nothing, and too much is the most there is", () => {
  for (const wrong of ["x", "median:3", "average:x", "-1", undefined, ""]) {
    expect(parseSmoothing(wrong)).toEqual(UNSMOOTHED);
  }
  expect(parseSmoothing("7")).toEqual(ema(0.99));
});

test("what lies within reach is all that a smoothed value is made of", () => {
  const values = Float64Array.from({ length: 400 }, (_, at) => Math.sin(at * at));
  for (const smoothing of [
    UNSMOOTHED,
    ema(0.9),
    { kind: "average", amount: 30 },
    { kind: "gaussian", amount: 8 },
  ] as const) {
    const { before, after } = reachOf(smoothing);
    const whole = smooth(values, ones(400), smoothing)[200] ?? Number.NaN;
    const part = smooth(values.subarray(200 - before, 201 + after), ones(400), smoothing)[before];
    expect(part).toBeCloseTo(whole, 4);
  }
});
