import { expect, test } from "vitest";
import { interleave, type Log, outputPaths, trimmed, withEarlier, withFresh } from "./log.ts";

const line = (step: number, text = `line ${step}`, time = step * 10) => ({ step, time, text });
const log = (steps: number[], total = steps.length): Log => ({
  lines: steps.map((step) => line(step)),
  total,
  position: 1,
  complete: steps.length >= total,
});

test("a new line is appended", () => {
  const next = withFresh(log([1, 2]), [line(3)], 5);
  expect(next.lines.map(({ step }) => step)).toEqual([1, 2, 3]);
  expect(next.total).toBe(3);
  expect(next.position).toBe(5);
});

test("a line that is written again is replaced, as a progress bar does", () => {
  const next = withFresh(log([1, 2]), [line(2, "50%"), line(2, "100%")], 5);
  expect(next.lines.map(({ text }) => text)).toEqual(["line 1", "100%"]);
  expect(next.total).toBe(2);
});

test("a line from before what is loaded is left for later", () => {
  const next = withFresh(log([10, 11], 50), [line(3)], 5);
  expect(next.lines.map(({ step }) => step)).toEqual([10, 11]);
});

test("an earlier page goes in front, without the line that both know", () => {
  const next = withEarlier(log([10, 11], 50), [line(8), line(9), line(10)], false);
  expect(next.lines.map(({ step }) => step)).toEqual([8, 9, 10, 11]);
  expect(next.complete).toBe(false);
  expect(withEarlier(next, [], true).complete).toBe(true);
});

test("a log that grew for days is cut at its start", () => {
  const next = trimmed(log([1, 2, 3]), 2);
  expect(next.lines.map(({ step }) => step)).toEqual([2, 3]);
  expect(next.complete).toBe(false);
});

const texts = (...logs: { path: string; log: Log }[]) => interleave(logs).map(({ path, step }) => `${path}${step}`);

test("two logs are read by time", () => {
  const out = { path: "o", log: log([1, 3]) };
  const err = { path: "e", log: log([2]) };
  expect(texts(out, err)).toEqual(["o1", "e2", "o3"]);
});

test("what was printed in the millisecond of a failure stands above its traceback", () => {
  const logs = outputPaths(["m/stderr", "m/stdout", "m/traceback"]).map((path) => ({ path, log: log([7]) }));
  expect(interleave(logs).map(({ path }) => path)).toEqual(["m/stdout", "m/stderr"]);
});

test("a line that was rewritten late does not jump behind those that follow it", () => {
  const out = { ...log([1, 2]), lines: [line(1, "bar", 900), line(2, "next", 20)] };
  expect(texts({ path: "o", log: out }, { path: "e", log: log([50]) })).toEqual(["o1", "o2", "e50"]);
});

test("lines are held back where another log is not loaded yet", () => {
  const out = { path: "o", log: log([1, 2, 30]) };
  const err = { path: "e", log: log([10, 11], 40) };
  expect(texts(out, err)).toEqual(["e10", "e11", "o30"]);
});
