import { expect, test } from "vitest";
import { parseSearch, runSearch, runsSearch, stringifySearch } from "./search.ts";

test("lists repeat their name, and paths stay readable", () => {
  const text = stringifySearch({ columns: ["train/loss", "params/lr"], sort: "-train/loss", search: undefined });
  expect(text).toBe("?columns=train/loss&columns=params/lr&sort=-train/loss");
  expect(runsSearch(parseSearch(text))).toEqual({
    columns: ["train/loss", "params/lr"],
    sort: "-train/loss",
    search: undefined,
  });
});

test("a run's view survives its address", () => {
  const view = {
    tab: "console",
    path: "a b/c&d",
    filter: "x=y",
    x: "relative",
    smoothing: 0.9,
    log: true,
    step: 3,
    zoom: ["step:1:2:1:2:train/loss"],
  } as const;
  expect(runSearch(parseSearch(stringifySearch(view)))).toEqual(view);
});

test("what an address says wrongly is ignored", () => {
  expect(runSearch(parseSearch("?tab=nowhere&x=up&smoothing=7&log=yes&step=one"))).toEqual({
    tab: undefined,
    path: undefined,
    filter: undefined,
    x: undefined,
    smoothing: 0.99,
    log: undefined,
    step: undefined,
    zoom: undefined,
  });
});

test("an empty view has an empty address", () => {
  expect(stringifySearch({ tab: undefined, log: false, filter: "" })).toBe("");
});
