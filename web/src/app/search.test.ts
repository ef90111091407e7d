import { expect, test } from "vitest";
import { compareSearch, parseSearch, runSearch, runsSearch, stringifySearch } from "./search.ts";

test("lists repeat their name, and paths stay readable", () => {
  const text = stringifySearch({ columns: ["train/loss", "params/lr"], sort: ["-train/loss"], search: undefined });
  expect(text).toBe("?columns=train/loss&columns=params/lr&sort=-train/loss");
  expect(runsSearch(parseSearch(text))).toEqual({ columns: ["train/loss", "params/lr"], sort: ["-train/loss"] });
});

test("a table's view survives its address", () => {
  const view = {
    search: "loss < 1",
    sort: ["-min(loss)", "lr"],
    columns: ["loss;width=80;pinned", "name;name=50%25 & more"],
    group: ["optimizer"],
    order: "-key",
    runs: "1,2",
    all: true,
    trash: true,
  };
  expect(runsSearch(parseSearch(stringifySearch(view)))).toEqual(view);
});

test("a run's view survives its address", () => {
  const view = {
    tab: "console",
    path: "a b/c&d",
    filter: "x=y",
    x: "relative",
    over: undefined,
    smoothing: "gaussian:12",
    log: true,
    logx: undefined,
    robust: true,
    together: true,
    step: 3,
    stream: "stderr",
    regex: true,
    line: "monitoring/a/stderr:12",
    zoom: ["step:1:2:1:2:train/loss"],
    folded: ["train", ""],
    toggled: ["a b/c&d", "weights/層"],
  } as const;
  expect(runSearch(parseSearch(stringifySearch(view)))).toEqual(view);
});

test("the sections and folders that one has turned are in the address, even the one without a name", () => {
  expect(stringifySearch({ folded: ["train", ""], toggled: ["out/deep"] })).toBe(
    "?folded=train&folded=&toggled=out/deep",
  );
  expect(runSearch(parseSearch("?folded="))).toMatchObject({ folded: [""] });
  expect(compareSearch(parseSearch("?folded=&folded=train"))).toMatchObject({ folded: ["", "train"] });
  expect(runSearch({ folded: [], toggled: [] })).toMatchObject({ folded: undefined, toggled: undefined });
});

test("of more folders than an address should hold the newest count", () => {
  const many = Array.from({ length: 60 }, (_, at) => `f${at}`);
  expect(runSearch(parseSearch(stringifySearch({ toggled: many }))).toggled).toEqual(many.slice(10));
});

test("what an address says wrongly is ignored", () => {
  const understood = Object.entries(runSearch(parseSearch("?tab=nowhere&x=up&smoothing=7&log=yes&step=one")));
  expect(understood.filter(([, value]) => value !== undefined)).toEqual([["smoothing", "0.99"]]);
});

test("a comparison survives its address, and its runs stay readable", () => {
  const text = stringifySearch({
    runs: "A-1,A-2",
    tab: "table",
    baseline: "A-1",
    differ: true,
    group: "parameters/lr",
  });
  expect(text).toBe("?runs=A-1,A-2&tab=table&baseline=A-1&differ=1&group=parameters/lr");
  expect(compareSearch(parseSearch(text))).toMatchObject({
    runs: "A-1,A-2",
    tab: "table",
    baseline: "A-1",
    differ: true,
    group: "parameters/lr",
  });
});

test("an empty view has an empty address", () => {
  expect(stringifySearch({ tab: undefined, log: false, filter: "" })).toBe("");
});
