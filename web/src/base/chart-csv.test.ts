import { expect, test } from "vitest";
import { appendPoints, bucketsOf, columnsFrom } from "./buckets.ts";
import { chartCsv, csvText } from "./chart-csv.ts";
import { lineOf } from "./line.ts";
import { UNSMOOTHED } from "./smooth.ts";

test("each place of each line is a row", () => {
  const empty = bucketsOf(
    columnsFrom(() => new Float64Array(0)),
    0,
    0,
  );
  const points = { steps: [0, 1], times: [0, 1500], values: [0.5, Number.NaN] };
  const { buckets } = appendPoints(empty, points, 1);
  const smoothing = { kind: "average", amount: 3 } as const;
  const line = lineOf(buckets, { xAxis: "step", origin: 0, smoothing, logX: false, logY: false });
  expect(chartCsv("train/loss", [{ label: 'a "b", c', line }]).split("\r\n")).toEqual([
    "path,line,step_first,step_last,time,x,value,unsmoothed,low,high,points",
    'train/loss,"a ""b"", c",0,0,1970-01-01T00:00:00.000Z,0,0.5,0.5,,,1',
    'train/loss,"a ""b"", c",1,1,1970-01-01T00:00:01.500Z,1,NaN,,,,1',
    "",
  ]);
});

test("values that an axis cannot show are numbers all the same", () => {
  const points = {
    steps: [0, 1, 2],
    times: [0, 0, 0],
    values: [-2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  };
  const empty = bucketsOf(
    columnsFrom(() => new Float64Array(0)),
    0,
    0,
  );
  const { buckets } = appendPoints(empty, points, 1);
  const line = lineOf(buckets, { xAxis: "step", origin: 0, smoothing: UNSMOOTHED, logX: false, logY: true });
  const values = chartCsv("loss", [{ label: "run", line }])
    .split("\r\n")
    .map((row) => row.split(",")[6]);
  expect(values).toEqual(["value", "-2", "inf", "-inf", undefined]);
});

test("a text that a spreadsheet would run is only text", () => {
  expect(csvText("=1+1")).toBe("'=1+1");
  expect(csvText("plain")).toBe("plain");
});
