import { expect, test } from "vitest";
import {
  cutBehind,
  interleave,
  type Log,
  outputPaths,
  parsePlace,
  placeText,
  trimmed,
  withEarlier,
  withFresh,
  withLater,
} from "./log.ts";

const line = (step: number, text = `line ${step}`, time = step * 10) => ({ step, time, text });
const log = (steps: number[], total = steps.length): Log => ({
  lines: steps.map((step) => line(step)),
  total,
  position: 1,
  complete: steps.length >= total,
  ended: true,
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

test("a stretch in the middle grows behind, and takes no line that comes live", () => {
  const middle = { ...log([10, 11], 50), ended: false };
  const fresh = withFresh(middle, [line(99)], 5);
  expect([fresh.lines.length, fresh.total, fresh.position]).toEqual([2, 51, 5]);
  const later = withLater(middle, [line(11), line(12)], true);
  expect([later.lines.map(({ step }) => step), later.ended]).toEqual([[10, 11, 12], true]);
  expect(cutBehind(later, 2)).toMatchObject({ ended: false, complete: false });
});

test("lines are held back where another log is not loaded any more", () => {
  const out = { path: "o", log: log([1, 2, 30]) };
  const err = { path: "e", log: { ...log([1, 10]), ended: false } };
  expect(texts(out, err)).toEqual(["o1", "e1", "o2", "e10"]);
});

test("a place survives its address", () => {
  for (const place of [
    { path: "monitoring/a:b/stdout", step: 12 },
    { path: "logs", step: -0.5 },
  ]) {
    expect(parsePlace(placeText(place))).toEqual(place);
  }
  expect([parsePlace("stdout"), parsePlace(undefined), parsePlace("a:b")]).toEqual([null, null, null]);
});
