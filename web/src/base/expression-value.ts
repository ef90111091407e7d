/**
 * What an expression over series is, place by place. Pure.
 *
 * It is known at the places of that one of its series which has the fewest, over the steps that all of them have; each
 * other series is a straight line between its places. A place that stands for many points counts as their mean.
 */

import { type Buckets, bucketsOf, column, columnsFrom } from "./buckets.ts";
import type { Expression, FunctionName, NamedExpression, Sign } from "./expression.ts";
import { type Reach, reachOf, type Smoothing, smooth, UNSMOOTHED } from "./smooth.ts";
import { between } from "./straight-lines.ts";

/** The places of the expression over `series`, by path; null if one of them is not there or they share no step. */
export function bucketsOfExpression(
  { expression, paths }: NamedExpression,
  series: ReadonlyMap<string, Buckets>,
): Buckets | null {
  const used: Buckets[] = [];
  for (const path of paths) {
    const buckets = series.get(path);
    if (buckets === undefined || buckets.rows === 0) return null;
    used.push(buckets);
  }
  const grid = used.reduce((fewest, each) => (each.rows < fewest.rows ? each : fewest));
  const middles = new Map(used.map((each) => [each, middlesOf(each)]));
  const first = Math.max(...used.map(({ columns }) => columns.stepFirst[0] ?? Number.NaN));
  const last = Math.min(...used.map(({ columns, rows }) => columns.stepLast[rows - 1] ?? Number.NaN));
  const every = middles.get(grid) ?? new Float64Array(0);
  const kept = Int32Array.from(every.keys()).filter((row) => {
    const step = every[row] ?? Number.NaN;
    return step >= first && step <= last;
  });
  if (kept.length === 0) return null;
  const pick = (values: Float64Array) => Float64Array.from(kept, (row) => values[row] ?? Number.NaN);
  const places: Places = {
    steps: pick(every),
    counts: pick(column(grid, "count")),
    values: new Map(
      paths.map((path, at) => {
        const buckets = used[at] ?? grid;
        const means = column(buckets, "mean");
        if (buckets === grid) return [path, pick(means)];
        return [path, between(middles.get(buckets) ?? every, means, pick(every))];
      }),
    ),
  };
  const values = valuesOf(expression, places);
  const columns = columnsFrom((name) => {
    switch (name) {
      case "stepFirst":
      case "stepLast":
      case "timeFirst":
      case "timeLast":
      case "count":
        return pick(column(grid, name));
      case "nanCount":
        return values.map((value) => (Number.isNaN(value) ? 1 : 0));
      case "infCount":
        return values.map((value) => (Math.abs(value) === Number.POSITIVE_INFINITY ? 1 : 0));
      default:
        return values;
    }
  });
  return bucketsOf(columns, kept.length, Math.min(...used.map(({ position }) => position)));
}

interface Places {
  readonly steps: Float64Array;
  /** Points that each place stands for. */
  readonly counts: Float64Array;
  readonly values: ReadonlyMap<string, Float64Array>;
}

function middlesOf(buckets: Buckets): Float64Array {
  const last = column(buckets, "stepLast");
  return column(buckets, "stepFirst").map((first, row) => first / 2 + (last[row] ?? first) / 2);
}

function valuesOf(expression: Expression, places: Places): Float64Array {
  switch (expression.kind) {
    case "number":
      return new Float64Array(places.steps.length).fill(expression.value);
    case "series":
      return places.values.get(expression.path) ?? new Float64Array(places.steps.length).fill(Number.NaN);
    case "minus":
      return valuesOf(expression.of, places).map((value) => -value);
    case "binary": {
      const right = valuesOf(expression.right, places);
      return valuesOf(expression.left, places).map((value, at) => applied(expression.sign, value, right[at] ?? 0));
    }
    case "call":
      return called(expression.name, expression.of, places);
  }
}

function applied(sign: Sign, left: number, right: number): number {
  switch (sign) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "^":
      return left ** right;
  }
}

/** How far around a place an expression looks, in points: what is inside another reaches further. */
export function reachOfExpression(expression: Expression): Reach {
  switch (expression.kind) {
    case "number":
    case "series":
      return { before: 0, after: 0 };
    case "minus":
      return reachOfExpression(expression.of);
    case "binary":
      return farthest([expression.left, expression.right].map(reachOfExpression));
    case "call": {
      const inside = farthest(expression.of.map(reachOfExpression));
      const own =
        expression.name === "slope" ? { before: 1, after: 0 } : reachOf(smoothingOf(expression.name, expression.of));
      return { before: own.before + inside.before, after: own.after + inside.after };
    }
  }
}

function farthest(reaches: readonly Reach[]): Reach {
  return {
    before: Math.max(...reaches.map(({ before }) => before)),
    after: Math.max(...reaches.map(({ after }) => after)),
  };
}

/** The smoothing that a function is; one of nothing if it is none. */
function smoothingOf(name: FunctionName, of: readonly Expression[]): Smoothing {
  const points = of[1]?.kind === "number" ? of[1].value : 1;
  if (name === "average") return { kind: "average", amount: points };
  // Each older point weighs so much of the next that about the last `points` count.
  return name === "ema" ? { kind: "ema", amount: 1 - 1 / points } : UNSMOOTHED;
}

function called(name: FunctionName, of: readonly Expression[], places: Places): Float64Array {
  const [first = new Float64Array(0), ...others] = of.map((each) => valuesOf(each, places));
  switch (name) {
    case "abs":
    case "sqrt":
    case "exp":
    case "log":
    case "log2":
    case "log10":
      return first.map((value) => Math[name](value));
    case "min":
    case "max":
      return first.map((value, at) => Math[name](value, ...others.map((each) => each[at] ?? Number.NaN)));
    case "ema":
    case "average":
      return smooth(first, places.counts, smoothingOf(name, of));
    case "slope":
      return slopeOf(first, places.steps);
  }
}

/** The change per step since the place before; the first place has that of the second. */
function slopeOf(values: Float64Array, steps: Float64Array): Float64Array {
  const slope = values.map(
    (value, at) => (value - (values[at - 1] ?? Number.NaN)) / ((steps[at] ?? 0) - (steps[at - 1] ?? 0)),
  );
  if (slope.length > 1) slope[0] = slope[1] ?? Number.NaN;
  return slope;
}
