import { expect, test } from "vitest";
import { appendPoints, type Buckets, bucketsOf, columnsFrom } from "./buckets.ts";
import { lineOf, lineOfCross, lineOfGroup, nearestPlace, stepsWithin } from "./line.ts";
import { UNSMOOTHED } from "./smooth.ts";

const empty = bucketsOf(
  columnsFrom(() => new Float64Array(0)),
  0,
  0,
);
const GAP = Number.NaN;
const plain = { xAxis: "step", origin: 0, smoothing: UNSMOOTHED, logX: false, logY: false } as const;

function series(values: number[], times = values.map((_, index) => index * 1000)): Buckets {
  return appendPoints(empty, { steps: values.map((_, index) => index), times, values }, 1).buckets;
}

test("values that cannot be drawn are gaps with a mark", () => {
  const line = lineOf(series([1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2]), plain);
  expect([...line.y]).toEqual([1, GAP, GAP, GAP, 2]);
  expect(line.nanAt).toEqual([1]);
  expect(line.highInfAt).toEqual([2]);
  expect(line.lowInfAt).toEqual([3]);
  expect(line.someInfAt).toEqual([]);
  // What cannot be drawn can be told.
  expect([...line.value]).toEqual([1, GAP, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2]);
});

test("a bucket with an infinity inside does not guess its sign", () => {
  const of = (first: number, last: number, infinite: number) => {
    const held: Partial<Record<string, number>> = { first, last, infCount: infinite, count: 5, nanCount: 0 };
    return lineOf(
      bucketsOf(
        columnsFrom((name) => Float64Array.of(held[name] ?? 1)),
        1,
        0,
      ),
      plain,
    );
  };
  const marksOf = ({ highInfAt, lowInfAt, someInfAt }: ReturnType<typeof of>) => [highInfAt, lowInfAt, someInfAt];
  expect(marksOf(of(1, 2, 1))).toEqual([[], [], [0]]);
  expect(marksOf(of(1, Number.NEGATIVE_INFINITY, 1))).toEqual([[], [0], []]);
  expect(marksOf(of(1, Number.NEGATIVE_INFINITY, 2))).toEqual([[], [0], [0]]);
  expect(marksOf(of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 4))).toEqual([[0], [0], []]);
});

test("a logarithmic axis leaves out what it cannot show, and counts it", () => {
  const line = lineOf(series([1, 0, -2, 4]), { ...plain, logY: true });
  expect([...line.y]).toEqual([1, GAP, GAP, 4]);
  expect([...line.value]).toEqual([1, 0, -2, 4]);
  expect(line.hidden).toBe(2);
});

test("raw points have no envelope, buckets of many have", () => {
  expect(lineOf(series([1, 2]), plain).high).toBeNull();
  const columns = columnsFrom((name) => Float64Array.of(name === "count" ? 3 : name === "max" ? 8 : 1));
  expect(lineOf(bucketsOf(columns, 1, 0), plain).high).toEqual(Float64Array.of(8));
});

test("of what lies beside a stretch the next places are drawn, and all of it is smoothed", () => {
  const buckets = series([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const smoothing = { kind: "average", amount: 5 } as const;
  const whole = lineOf(buckets, { ...plain, smoothing });
  const part = lineOf(buckets, { ...plain, smoothing, within: { by: "step", first: 2.5, last: 4.5 } });
  expect([...part.x]).toEqual([2, 3, 4, 5]);
  expect([...part.y]).toEqual([...whole.y.subarray(2, 6)]);
  const between = lineOf(buckets, { ...plain, within: { by: "relative", first: 3100, last: 3200 } });
  expect([...between.x]).toEqual([3, 4]);
  const beyond = lineOf(buckets, { ...plain, within: { by: "time", first: 20_000, last: 30_000 } });
  expect([...beyond.x]).toEqual([9]);
  const step = Float64Array.of(0, 1, 2, 3, 4);
  const group = { step, mean: step, deviation: step, error: step, min: step, max: step, runs: step };
  const near = lineOfGroup(group, "range", { ...plain, within: { by: "step", first: 1.5, last: 2.5 } });
  expect([...near.x]).toEqual([1, 2, 3]);
});

test("a smoothed line keeps its raw line", () => {
  const line = lineOf(series([0, 10, 0, 10]), { ...plain, smoothing: { kind: "ema", amount: 0.9 } });
  expect([...(line.raw ?? [])]).toEqual([0, 10, 0, 10]);
  expect(Math.max(...line.y)).toBeLessThan(10);
});

test("a time axis ascends even when steps were logged out of order", () => {
  const line = lineOf(series([1, 2, 3], [5000, 9000, 7000]), { ...plain, xAxis: "relative", origin: 4000 });
  expect([...line.x]).toEqual([1, 3, 5]);
  expect([...line.y]).toEqual([1, 3, 2]);
});

test("the line begins where the first bucket begins", () => {
  const columns = columnsFrom((name) =>
    name === "stepFirst"
      ? Float64Array.of(0, 10)
      : name === "stepLast"
        ? Float64Array.of(9, 19)
        : Float64Array.of(5, 5),
  );
  expect([...lineOf(bucketsOf(columns, 2, 0), plain).x]).toEqual([0, 19]);
});

test("a stretch of time is found as a range of steps", () => {
  const line = lineOf(series([1, 2, 3, 4]), { ...plain, xAxis: "relative" });
  expect(stepsWithin([line], 0.5, 2.5)).toEqual([1, 2]);
  expect(stepsWithin([line], 50, 60)).toBeNull();
});

test("a logarithmic x axis leaves out step 0 and says so", () => {
  const line = lineOf(series([5, 6, 7]), { ...plain, logX: true });
  expect([...line.x]).toEqual([1, 2]);
  expect([...line.y]).toEqual([6, 7]);
  expect(line.hidden).toBe(1);
});

test("the place nearest to the cursor is found, on a line that turns back too", () => {
  const line = lineOf(series([1, 2, 3, 4]), plain);
  expect([-5, 0.4, 0.6, 1.5, 99].map((x) => nearestPlace(line, x))).toEqual([0, 0, 1, 1, 3]);
  expect(nearestPlace(lineOf(empty, plain), 1)).toBeNull();
  const back = { ...line, x: Float64Array.of(0, 10, 5, 2), ascending: false };
  expect(nearestPlace(back, 4.9)).toBe(2);
});

test("a group is its mean with the band that is asked for", () => {
  const of = (...values: number[]) => Float64Array.from(values);
  const group = {
    step: of(0, 1),
    mean: of(2, 4),
    deviation: of(1, 2),
    error: of(0.5, 1),
    min: of(0, 1),
    max: of(9, 8),
    runs: of(4, 4),
  };
  const ends = (band: "deviation" | "error" | "range") => {
    const { low, high } = lineOfGroup(group, band, plain);
    return [[...(low ?? [])], [...(high ?? [])]];
  };
  expect(ends("deviation")).toEqual([
    [1, 2],
    [3, 6],
  ]);
  expect(ends("error")).toEqual([
    [1.5, 3],
    [2.5, 5],
  ]);
  expect(ends("range")).toEqual([
    [0, 1],
    [9, 8],
  ]);
});

test("a series over another keeps the order of steps", () => {
  const of = (...values: number[]) => Float64Array.from(values);
  const line = lineOfCross(
    { step: of(0, 1, 2), x: of(3, 1, 2), mean: of(7, 8, 9), min: of(7, 8, 9), max: of(7, 8, 9), count: of(1, 1, 1) },
    { ...plain, xAxis: "series" },
  );
  expect([...line.x]).toEqual([3, 1, 2]);
  expect(line.ascending).toBe(false);
  expect(stepsWithin([line], 1, 2)).toEqual([1, 2]);
});

test("a band that reaches below zero is cut at the least positive end on a logarithmic axis", () => {
  const of = (...values: number[]) => Float64Array.from(values);
  const group = {
    step: of(0, 1),
    mean: of(2, 4),
    deviation: of(3, 2),
    error: of(0, 0),
    min: of(1, 1),
    max: of(5, 5),
    runs: of(2, 2),
  };
  expect([...(lineOfGroup(group, "deviation", { ...plain, logY: true }).low ?? [])]).toEqual([2, 2]);
});
