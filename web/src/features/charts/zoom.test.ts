import { expect, test } from "vitest";
import { addressOf, besideOf, rangeOf, withZoom, type Zoom, zoomOf, zoomTo } from "./zoom.ts";

const ZOOM: Zoom = { first: 10, last: 40, from: -0.5, to: 2e21, xAxis: "relative" };

test("a zoom survives its address, whatever the path holds", () => {
  const path = "a:b/c d:1";
  expect(zoomOf([addressOf("other", ZOOM), addressOf(path, ZOOM)], path, "relative")).toEqual(ZOOM);
});

test("a zoom of one axis is none on another", () => {
  expect(zoomOf([addressOf("loss", ZOOM)], "loss", "step")).toBeNull();
});

test("a zoom that an address says wrongly is ignored", () => {
  for (const wrong of ["", "step", "step:1:2:3:4", "step:2:1:0:9:loss", "step:a:2:0:9:loss", "step:::::loss"]) {
    expect(zoomOf([wrong], "loss", "step")).toBeNull();
  }
});

test("each series has one zoom, and taking it away leaves the others", () => {
  const held = withZoom([addressOf("acc", ZOOM), addressOf("loss", ZOOM)], "loss", { ...ZOOM, from: 0 });
  expect(held).toEqual([addressOf("acc", ZOOM), addressOf("loss", { ...ZOOM, from: 0 })]);
  expect(withZoom(held ?? [], "acc", null)).toEqual([addressOf("loss", { ...ZOOM, from: 0 })]);
  expect(withZoom([addressOf("loss", ZOOM)], "loss", null)).toBeUndefined();
});

test("a zoom asks for a little more than it shows, in the unit of the server", () => {
  expect(zoomTo(100, 200, "step", null)).toEqual({ from: 100, to: 200, first: 95, last: 205, xAxis: "step" });
  expect(zoomTo(1, 2, "time", null)).toEqual({ from: 1, to: 2, first: 950, last: 2050, xAxis: "time" });
  expect(zoomTo(2, 2, "step", null)).toBeNull();
});

test("over another series a zoom asks for the steps that lie there", () => {
  expect(zoomTo(0.1, 0.2, "series", [7, 9])).toMatchObject({ first: 7, last: 9 });
  expect(zoomTo(0.1, 0.2, "series", null)).toBeNull();
});

test("relative times of one run are moments, of several they count from each run's creation", () => {
  const zoom: Zoom = { from: 1, to: 2, first: 1000, last: 2000, xAxis: "relative" };
  expect(rangeOf(zoom, 50_000)).toEqual({ by: "time", first: 51_000, last: 52_000 });
  expect(rangeOf(zoom, null)).toEqual({ by: "relative", first: 1000, last: 2000 });
});

test("a zoom brings what its lines are smoothed with, and always the points next to it", () => {
  expect(besideOf(1)).toEqual({ before: 1, after: 1 });
  expect(besideOf(100, { before: 0, after: 0 })).toEqual({ before: 0, after: 0 });
  expect(besideOf(100, { before: 66, after: 0 }, { before: 10, after: 10 })).toEqual({ before: 128, after: 16 });
  expect(besideOf(1, { before: 1e6, after: 0 })).toEqual({ before: 4096, after: 1 });
});
