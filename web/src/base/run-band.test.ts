import { expect, test } from "vitest";
import { appendPoints, type Buckets, bucketsOf, column, columnsFrom } from "./buckets.ts";
import { parseExpressions } from "./expression.ts";
import { bucketsOfExpression } from "./expression-value.ts";
// The server brings runs together by the same rules, and is tested with the same examples.
import cases from "./run-band.cases.json";
import { bandOf } from "./run-band.ts";

type Numbers = readonly (number | string | null)[];

function numbers(of: Numbers): Float64Array {
  return Float64Array.from(of, (each) => (each === null ? Number.NaN : Number(each)));
}

interface Run {
  readonly step_first: Numbers;
  readonly step_last: Numbers;
  readonly mean: Numbers;
  readonly min: Numbers;
  readonly max: Numbers;
  readonly count: Numbers;
  readonly nan_count: Numbers;
  readonly inf_count: Numbers;
}

function runOf(run: Run): Buckets {
  const columns = {
    ...columnsFrom(() => numbers(run.mean)),
    stepFirst: numbers(run.step_first),
    stepLast: numbers(run.step_last),
    min: numbers(run.min),
    max: numbers(run.max),
    count: numbers(run.count),
    nanCount: numbers(run.nan_count),
    infCount: numbers(run.inf_count),
  };
  return bucketsOf(columns, run.mean.length, 0);
}

function expectClose(found: Float64Array, expected: Float64Array): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, at) => {
    const error = Math.abs((found[at] ?? Number.NaN) - value);
    expect(Object.is(found[at], value) || error <= 1e-12 * Math.abs(value) + 1e-12, `${found[at]} is ${value}`).toBe(
      true,
    );
  });
}

test.each(cases)("$name are one line with a band, as the server has it", ({ max_cells, runs, group }) => {
  const found = bandOf(runs.map(runOf), max_cells);
  for (const name of ["step", "mean", "deviation", "error", "min", "max", "runs"] as const) {
    expectClose(found[name], numbers(group[name]));
  }
});

function series(points: ReadonlyMap<number, number>): Buckets {
  const empty = bucketsOf(
    columnsFrom(() => new Float64Array(0)),
    0,
    0,
  );
  const steps = [...points.keys()].sort((a, b) => a - b);
  const values = steps.map((step) => points.get(step) ?? Number.NaN);
  return appendPoints(empty, { steps, times: steps, values }, 1).buckets;
}

/** Numbers between 0 and 1 that are the same each time. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** What a run is at `step`: on the straight line between its points; null before the first and after the last. */
function lineAt(points: readonly (readonly [number, number])[], step: number): number | null {
  for (const [at, [from, value]] of points.entries()) {
    if (from === step) return value;
    const [to, next] = points[at + 1] ?? [Number.NaN, Number.NaN];
    if (from < step && step < to) return value + ((next - value) * (step - from)) / (to - from);
  }
  return null;
}

test.each([1, 2, 3, 4, 5])("an expression is computed for each run, then the runs are put together (%s)", (seed) => {
  const random = chance(seed);
  const some = () => new Map(Array.from({ length: 3 + Math.floor(random() * 20) }, () => [draw(), random()] as const));
  const draw = () => Math.floor(random() * 80) / 2;
  const runs = Array.from({ length: 4 }, () => {
    const a = some();
    // Each second run logs both series at the same steps, with some of `a` below zero, which has no logarithm.
    return random() < 0.5 ? { a, b: some() } : { a, b: new Map([...a.keys()].map((step) => [step, random() - 0.2])) };
  });
  const [expression] = parseExpressions("a / b + log(b)").expressions ?? [];
  if (expression === undefined) throw new Error("no expression");
  const each = runs.map(({ a, b }) =>
    bucketsOfExpression(
      expression,
      new Map([
        ["a", series(a)],
        ["b", series(b)],
      ]),
    ),
  );
  const there = each.filter((buckets) => buckets !== null);
  const lines = there.map((buckets) => {
    const [steps, values] = [column(buckets, "stepLast"), column(buckets, "mean")];
    return [...steps.keys()]
      .map((row) => [steps[row] ?? 0, values[row] ?? Number.NaN] as const)
      .filter(([, value]) => Number.isFinite(value));
  });
  const steps = [...new Set(lines.flatMap((line) => line.map(([step]) => step)))].sort((a, b) => a - b);
  const at = steps.map((step) => lines.map((line) => lineAt(line, step)).filter((value) => value !== null));
  const mean = at.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  const deviation = at.map((values, row) =>
    Math.sqrt(values.reduce((sum, value) => sum + (value - (mean[row] ?? 0)) ** 2, 0) / Math.max(1, values.length - 1)),
  );
  const found = bandOf(there, 1000);
  expect(steps.length).toBeGreaterThan(5);
  expectClose(found.step, Float64Array.from(steps));
  expectClose(found.mean, Float64Array.from(mean));
  expectClose(found.deviation, Float64Array.from(deviation));
  expectClose(
    found.error,
    Float64Array.from(deviation, (one, row) => one / Math.sqrt(at[row]?.length ?? 1)),
  );
  expectClose(
    found.min,
    Float64Array.from(at, (values) => Math.min(...values)),
  );
  expectClose(
    found.max,
    Float64Array.from(at, (values) => Math.max(...values)),
  );
  expectClose(
    found.runs,
    Float64Array.from(at, (values) => values.length),
  );
});
