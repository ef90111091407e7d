import { expect, test } from "vitest";
import { appendPoints, bucketsOf, columnsFrom } from "./buckets.ts";
import { chartSvg, type SvgOptions } from "./chart-svg.ts";
import { lineOf } from "./line.ts";
import { UNSMOOTHED } from "./smooth.ts";

function curve(label: string, values: number[]) {
  const empty = bucketsOf(
    columnsFrom(() => new Float64Array(0)),
    0,
    0,
  );
  const steps = values.map((_, index) => index);
  const { buckets } = appendPoints(empty, { steps, times: steps, values }, 1);
  const line = lineOf(buckets, { xAxis: "step", origin: 0, smoothing: UNSMOOTHED, logX: false, logY: false });
  return { label, color: "#0072b2", dash: [6, 3], line };
}

const OPTIONS: Omit<SvgOptions, "curves"> = {
  title: "loss <x>",
  xTitle: "step",
  xAxis: "step",
  logX: false,
  logY: false,
  pins: [],
  robust: false,
  dark: false,
  xRange: null,
};

test("lines stand where their values are, and gaps break them", () => {
  const svg = chartSvg({ ...OPTIONS, curves: [curve("run", [-1, 1, Number.NaN, 1])] });
  // The plot is 810 wide from 70 and 420 high from 44; the y axis reaches from -1.1 to 1.1.
  expect(svg).toContain('d="M70 444.9L340 63.1M880 63.1" stroke="#0072b2" stroke-width="1.5" stroke-dasharray="6 3"');
});

test("a point that is no line is a dot, and what is no number is a mark", () => {
  const svg = chartSvg({ ...OPTIONS, curves: [curve("run", [-1, Number.NaN, 1, Number.POSITIVE_INFINITY])] });
  expect(svg).toContain('<circle cx="70" cy="444.9" r="2.5" fill="#0072b2"/>');
  expect(svg).toMatch(/>✕<[\s\S]*>▲</);
});

test("texts cannot become tags", () => {
  const svg = chartSvg({ ...OPTIONS, curves: [curve('<script>"', [1, 2])] });
  expect(svg).toContain("<title>loss &lt;x&gt;</title>");
  expect(svg).not.toContain("<script>");
});

test("a pinned text stands beside its dashed line", () => {
  const pins = [{ x: 1, text: "rate & halved", color: "#d55e00" }];
  const svg = chartSvg({ ...OPTIONS, curves: [curve("run", [0, 1, 2])], pins });
  expect(svg).toContain('d="M475 44V464" stroke="#d55e00" stroke-dasharray="3 3"');
  expect(svg).toContain(">rate &amp; halved</text>");
});

test("a chart of nothing is still a drawing", () => {
  expect(chartSvg({ ...OPTIONS, curves: [] })).toMatch(/^<svg [\s\S]*<\/svg>$/);
});
