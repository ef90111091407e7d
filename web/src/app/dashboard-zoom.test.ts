import { describe, expect, it } from "vitest";
import { addressOf, type Zoom } from "#features/charts/zoom.ts";
import { keptZoom, shownZoom, withKeptZoom, withShownZoom, type ZoomedChart, zoomsOfPage } from "./dashboard-zoom.ts";

const near: Zoom = { from: 5, to: 20, first: 4, last: 21, xAxis: "step" };
const far: Zoom = { ...near, from: 90, to: 95 };

function chart(zoom: readonly string[], show: ZoomedChart["panel"]["show"] = { path: "a" }): ZoomedChart {
  return { panel: { show, zoom }, place: 2, path: "a", x: "step" };
}

describe("a chart of a dashboard", () => {
  it("shows the stretch that is kept with its panel until the address says another one, or all", () => {
    const kept = chart(withKeptZoom(chart([]), near));
    expect(kept.panel.zoom).toEqual([addressOf("*", near)]);
    expect(shownZoom([], kept)).toEqual(near);
    const zoomed = withShownZoom([], kept, far) ?? [];
    expect(shownZoom(zoomed, kept)).toEqual(far);
    const whole = withShownZoom(zoomed, kept, null) ?? [];
    expect(shownZoom(whole, kept)).toBeNull();
    expect(shownZoom(withShownZoom(whole, kept, far) ?? [], kept)).toEqual(far);
    expect(shownZoom([], { ...kept, x: "time" })).toBeNull();
    expect(withKeptZoom(kept, null)).toEqual([]);
  });

  it("keeps no more digits than can be seen", () => {
    const third = 1 / 3;
    const dragged: Zoom = { from: third, to: 100 + third, first: -5 + third, last: 105 + third, xAxis: "step" };
    expect(withKeptZoom(chart([]), dragged)).toEqual(["step:0.3333:100.3333:-4.6667:105.3333:*"]);
    const day: Zoom = { from: 1.7e9 + third, to: 1.7e9 + 3600, first: 1.7e12, last: 1.7e12 + 3.6e6, xAxis: "time" };
    expect(withKeptZoom({ ...chart([]), x: "time" }, day)).toEqual([
      "time:1700000000.333:1700003600:1700000000000:1700003600000:*",
    ]);
    const one: Zoom = { from: third, to: 2 * third, first: 7, last: 7, xAxis: "series" };
    expect(withKeptZoom({ ...chart([]), x: "series" }, one)[0]).toMatch(/:7:7:\*$/);
    const tiny: Zoom = { from: 1e-30, to: 2e-30, first: 1e-30, last: 2e-30, xAxis: "step" };
    expect(keptZoom(chart(withKeptZoom(chart([]), tiny)))).toEqual(tiny);
  });

  it("shows what an address says of its series, and leaves the address empty when nothing is zoomed", () => {
    const addresses = [addressOf("a", far)];
    const plain = chart([]);
    expect(shownZoom(addresses, plain)).toEqual(far);
    expect(shownZoom(withShownZoom(addresses, plain, null) ?? [], plain)).toBeNull();
    expect(withShownZoom(withShownZoom([], plain, far) ?? [], plain, null)).toBeUndefined();
    const twin = { ...plain, place: 3 };
    expect(shownZoom(withShownZoom([], plain, near) ?? [], twin)).toBeNull();
  });

  it("is zoomed alone among those of a filter, unless they are zoomed together", () => {
    const alone = chart([], { filter: "x" });
    const zoomed = chart(withKeptZoom(alone, near), { filter: "x" });
    expect(keptZoom(zoomed)).toEqual(near);
    expect(keptZoom({ ...zoomed, path: "b" })).toBeNull();
    const together = chart([addressOf("*", near)], { filter: "x" });
    const moved = chart(withKeptZoom({ ...together, path: "b" }, far), { filter: "x" });
    expect(keptZoom(moved)).toEqual(far);
  });
});

describe("the zooms of a page of charts", () => {
  const page = { addresses: [addressOf("a", near), addressOf("a / b", far)], isTogether: false, x: "step" } as const;

  it("go to the panels that show the same", () => {
    const paths = ["a", "b"];
    expect(zoomsOfPage({ path: "a" }, { ...page, paths })).toEqual([addressOf("*", near)]);
    expect(zoomsOfPage({ path: "b" }, { ...page, paths })).toEqual([]);
    expect(zoomsOfPage({ expression: "a / b" }, { ...page, paths })).toEqual([addressOf("*", far)]);
    expect(zoomsOfPage({ filter: "a" }, { ...page, paths })).toEqual([addressOf("a", near)]);
    expect(zoomsOfPage({ path: "a" }, { ...page, paths, x: "time" })).toEqual([]);
  });

  it("are one for all where all are zoomed together", () => {
    const together = { addresses: [addressOf("*", near)], isTogether: true, x: "step", paths: ["a", "b"] } as const;
    for (const show of [{ path: "b" }, { filter: "a" }, { expression: "a + b" }]) {
      expect(zoomsOfPage(show, together)).toEqual([addressOf("*", near)]);
    }
  });
});
