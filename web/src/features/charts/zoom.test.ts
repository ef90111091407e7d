import { expect, test } from "vitest";
import { addressOf, withZoom, type Zoom, zoomOf } from "./zoom.ts";

const ZOOM: Zoom = { steps: { first: 10, last: 40 }, from: -0.5, to: 2e21, xAxis: "relative" };

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
