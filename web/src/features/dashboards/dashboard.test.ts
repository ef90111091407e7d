import { describe, expect, it } from "vitest";
import {
  changedPanel,
  dashboardOf,
  EMPTY,
  MOST_PANELS,
  movedPanel,
  newNameProblem,
  parseDashboard,
  withoutPanel,
  withPanel,
  writtenDashboard,
} from "./dashboard.ts";

const three = ["a", "b", "c"].reduce((dashboard, path) => withPanel(dashboard, { path }), EMPTY);

function order(dashboard: typeof EMPTY) {
  return dashboard.panels.map(({ show }) => ("path" in show ? show.path : `/${show.filter}/`)).join("");
}

describe("a dashboard", () => {
  it("is read as it was written", () => {
    const changed = changedPanel(three, 1, { size: "large", x: "time", smoothing: "average:10", log: true });
    const written = JSON.parse(
      JSON.stringify(writtenDashboard({ ...changed, search: "lr > 1", most: 3, runs: ["f1"] })),
    );
    expect(parseDashboard(written)).toEqual({ ...changed, search: "lr > 1", most: 3, runs: ["f1"] });
  });

  it("is read without what nobody wrote", () => {
    expect(parseDashboard({})).toEqual(EMPTY);
    const odd = {
      panels: [null, 3, {}, { path: "a", size: "huge", x: "series", smoothing: "x" }],
      search: 3,
      most: 1e9,
    };
    const { panels, search, most } = parseDashboard(odd);
    expect(panels).toEqual(withPanel(EMPTY, { path: "a" }).panels);
    expect([search, most]).toEqual(["", 50]);
    const many = { panels: Array.from({ length: 500 }, () => ({ filter: "loss" })) };
    expect(parseDashboard(many).panels.length).toBe(MOST_PANELS);
  });

  it("gets panels, loses them, and has them in another order", () => {
    expect(order(three)).toBe("abc");
    expect(order(movedPanel(three, 0, 2))).toBe("bca");
    expect(order(movedPanel(three, 2, -5))).toBe("cab");
    expect(order(movedPanel(three, 2, 99))).toBe("abc");
    expect(order(movedPanel(three, 9, 0))).toBe("abc");
    const less = withoutPanel(three, 2);
    expect(order(withPanel(less, { filter: "x" }))).toBe("ab/x/");
  });

  const shown = {
    paths: ["b", "a"],
    filter: "",
    x: "time",
    smoothing: "0.6",
    log: true,
    logx: false,
    robust: true,
  } as const;

  it("is made of a page of charts, each with the axes of the page", () => {
    const { panels, runs } = dashboardOf(shown, ["f1", "f2"]);
    const look = { size: "small", x: "time", smoothing: "0.6", log: true, logx: false, robust: true };
    expect(panels).toEqual([
      { id: 0, show: { path: "b" }, ...look },
      { id: 1, show: { path: "a" }, ...look },
    ]);
    expect(runs).toEqual(["f1", "f2"]);
  });

  it("keeps the filter of a page of charts while it can show all that match", () => {
    expect(dashboardOf({ ...shown, filter: "loss" }, []).panels.map(({ show }) => show)).toEqual([{ filter: "loss" }]);
    const paths = Array.from({ length: 150 }, (_, index) => `loss${index}`);
    expect(dashboardOf({ ...shown, paths, filter: "loss", x: "series" }, []).panels.length).toBe(MOST_PANELS);
    expect(dashboardOf({ ...shown, paths, x: "series" }, []).panels[0]?.x).toBe("step");
  });

  it("has a name of its own", () => {
    expect(newNameProblem("a", [{ name: "a" }])).toBe("There is one of this name already.");
    expect(newNameProblem("a/b", [])).toBe("A name has no slash.");
    expect(newNameProblem("b", [{ name: "a" }])).toBe(null);
  });
});
