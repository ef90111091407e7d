import { expect, test } from "vitest";
import { appendPoints, bucketsOf, columnsFrom } from "#base/buckets.ts";
import { lineOf } from "#base/line.ts";
import { UNSMOOTHED } from "#base/smooth.ts";
import type { Hit } from "#widgets/line-chart-tip.ts";
import { describeHits } from "./describe.ts";

function hit(label: string, value: number): Hit {
  const empty = bucketsOf(
    columnsFrom(() => new Float64Array(0)),
    0,
    0,
  );
  const { buckets } = appendPoints(empty, { steps: [7], times: [0], values: [value] }, 1);
  const line = lineOf(buckets, { xAxis: "step", origin: 0, smoothing: UNSMOOTHED, logX: false, logY: true });
  return { curve: { id: label, label, color: "#111111", dash: [], line }, at: 0, left: 0, top: 0, isNear: false };
}

test("a tip tells what cannot be drawn, too", () => {
  const titles = [-2, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN].map(
    (value) => describeHits([hit("run", value)], 7, "step", null).title,
  );
  expect(titles).toEqual(["−2", "−∞", "∞", "NaN"]);
});

test("the greatest stands above, what is no number below", () => {
  const values = [Number.NaN, Number.POSITIVE_INFINITY, 1, Number.POSITIVE_INFINITY, 3];
  const { rows } = describeHits(
    values.map((value, at) => hit(String(at), value)),
    7,
    "step",
    null,
  );
  expect(rows.map(({ value }) => value)).toEqual(["∞", "∞", "3", "1", "NaN"]);
});
