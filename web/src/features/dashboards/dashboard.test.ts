import { describe, expect, it } from "vitest";
import {
  changedPanel,
  chartsLeftOut,
  dashboardOf,
  EMPTY,
  MOST_PANELS,
  movedPanel,
  newNameProblem,
  parseDashboard,
  type ShownCharts,
  withoutPanel,
  withPanel,
  writtenDashboard,
} from "./dashboard.ts";

const three = ["a", "b", "c"].reduce((dashboard, path) => withPanel(dashboard, { path }), EMPTY);

function order(dashboard: typeof EMPTY) {
  return dashboard.panels.map(({ show }) => ("filter" in show ? `/${show.filter}/` : Object.values(show)[0])).join("");
}

describe("a dashboard", () => {
  it("is read as it was written", () => {
    const changed = changedPanel(three, 1, { size: "large", x: "time", smoothing: "average:10", log: true });
    const more = changedPanel(withPanel(changed, { expression: "a / b; log(c)" }), 2, { x: "series", over: "b" });
    const whole = {
      ...changedPanel(more, 3, { zoom: ["step:5:20:4:21:*"] }),
      search: "lr > 1",
      most: 3,
      runs: ["f1"],
      group: "lr",
      band: "range" as const,
      legend: ["lr", "sys/name"],
    };
    expect(parseDashboard(JSON.parse(JSON.stringify(writtenDashboard(whole))))).toEqual(whole);
  });

  it("is written in few words: nothing that is as usual", () => {
    expect(writtenDashboard(withPanel(EMPTY, { expression: "a - b" }))).toEqual({
      panels: [{ expression: "a - b", size: "medium" }],
      search: "",
      most: 10,
    });
  });

  it("is read as older versions wrote it", () => {
    const old = {
      panels: [
        { path: "a", size: "small", x: "relative", log: true },
        { filter: "b", size: "large" },
      ],
    };
    const { panels, group } = parseDashboard({ ...old, search: "lr > 1", most: 5, runs: ["f1"] });
    const plain = { over: null, zoom: [], smoothing: "", logx: false, robust: false };
    expect(panels).toEqual([
      { id: 0, show: { path: "a" }, size: "small", x: "relative", log: true, ...plain },
      { id: 1, show: { filter: "b" }, size: "large", x: "step", log: false, ...plain },
    ]);
    expect(group).toBe("");
  });

  it("is read without what nobody wrote", () => {
    expect(parseDashboard({})).toEqual(EMPTY);
    const odd = {
      panels: [null, 3, {}, { path: "a", size: "huge", x: "series", smoothing: "x" }],
      search: 3,
      most: 1e9,
      group: 7,
      band: "wide",
    };
    const { panels, search, most } = parseDashboard(odd);
    expect(panels).toEqual(withPanel(EMPTY, { path: "a" }).panels);
    expect([search, most]).toEqual(["", 50]);
    const over = { expression: "a", x: "series", over: "b", zoom: [1, "step:1:2:1:2:*"] };
    expect(parseDashboard({ panels: [over] }).panels).toMatchObject([{ x: "step", over: null, zoom: [over.zoom[1]] }]);
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

  const shown: ShownCharts = {
    paths: ["b", "a"],
    filter: "",
    expressions: [],
    x: "time",
    over: null,
    zoomsOf: () => [],
    smoothing: "0.6",
    log: true,
    logx: false,
    robust: true,
    group: "",
    band: "deviation",
    legend: ["lr"],
  };
  const look = { size: "small", x: "time", over: null, smoothing: "0.6", log: true, logx: false, robust: true };

  it("is made of a page of charts, each with the axes of the page", () => {
    const { panels, runs } = dashboardOf(shown, ["f1", "f2"]);
    expect(panels).toEqual([
      { id: 0, show: { path: "b" }, zoom: [], ...look },
      { id: 1, show: { path: "a" }, zoom: [], ...look },
    ]);
    expect(runs).toEqual(["f1", "f2"]);
  });

  it("keeps expressions, zooms, the axis that is a series, and groups", () => {
    const page: ShownCharts = {
      ...shown,
      expressions: ["a / b"],
      x: "series",
      over: "c",
      zoomsOf: (show) => ("expression" in show ? ["step:1:2:1:2:*"] : []),
      group: "lr",
      band: "error",
    };
    const { panels, group, band } = dashboardOf({ ...page, paths: ["b"] }, []);
    expect(panels).toEqual([
      { id: 0, show: { expression: "a / b" }, zoom: ["step:1:2:1:2:*"], ...look, size: "medium", x: "step" },
      { id: 1, show: { path: "b" }, zoom: [], ...look, x: "series", over: "c" },
    ]);
    expect([group, band]).toEqual(["lr", "error"]);
  });

  it("has room on the server for as many charts and runs as it has at most, with long paths and everything set", () => {
    const path = "p".repeat(60);
    const page: ShownCharts = {
      ...shown,
      paths: Array.from({ length: MOST_PANELS }, () => path),
      x: "series",
      over: path,
      zoomsOf: () => ["series:0.123456:0.987654:1234.567:98765.432:*"],
      smoothing: "average:1000",
      logx: true,
      legend: Array.from({ length: 20 }, () => path),
    };
    const runs = Array.from({ length: 50 }, () => "f".repeat(32));
    expect(JSON.stringify(writtenDashboard(dashboardOf(page, runs))).length).toBeLessThan(32_768);
  });

  it("keeps the filter of a page of charts while it can show all that match", () => {
    expect(dashboardOf({ ...shown, filter: "loss" }, []).panels.map(({ show }) => show)).toEqual([{ filter: "loss" }]);
    const paths = Array.from({ length: 150 }, (_, index) => `loss${index}`);
    expect(dashboardOf({ ...shown, paths, filter: "loss", x: "series" }, []).panels.length).toBe(MOST_PANELS);
    expect(dashboardOf({ ...shown, paths, x: "series" }, []).panels[0]?.x).toBe("step");
    expect(chartsLeftOut({ ...shown, paths, filter: "loss", expressions: ["a / b"] })).toBe(51);
    expect(chartsLeftOut({ ...shown, filter: "loss", expressions: ["a / b"] })).toBeLessThanOrEqual(0);
  });

  it("has a name of its own", () => {
    expect(newNameProblem("a", [{ name: "a" }])).toBe("There is one of this name already.");
    expect(newNameProblem("a/b", [])).toBe("A name has no slash.");
    expect(newNameProblem("b", [{ name: "a" }])).toBe(null);
  });
});
