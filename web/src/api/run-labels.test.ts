import { expect, test } from "vitest";
import { labelsOf } from "./run-labels.ts";
import type { AttributeInfo, Run } from "./types.ts";

const run = (id: string, name: string) => ({ id, name, key: `RUN-${id}` }) as Run;
const cell = (value: number | string) =>
  ({ path: "", kind: typeof value === "number" ? "float" : "string", value }) as AttributeInfo;

const RUNS = [run("1", "first"), run("2", ""), run("3", "third")];

test("runs are named by key and name until attributes are chosen", () => {
  expect([...labelsOf(RUNS, [], new Map()).values()]).toEqual(["RUN-1 first", "RUN-2", "RUN-3 third"]);
});

test("chosen attributes name the runs; the key tells equal ones apart, and stands for none", () => {
  const values = new Map([
    [
      "parameters/rate",
      new Map([
        ["1", cell(0.1)],
        ["3", cell(0.1)],
      ] as const),
    ],
    [
      "sys/name",
      new Map([
        ["1", cell("first")],
        ["3", cell("third")],
      ] as const),
    ],
  ]);
  const labels = (...paths: string[]) => [...labelsOf(RUNS, paths, values).values()];
  expect(labels("sys/name", "parameters/rate")).toEqual(["first, rate 0.1", "RUN-2", "third, rate 0.1"]);
  expect(labels("parameters/rate")).toEqual(["RUN-1 rate 0.1", "RUN-2", "RUN-3 rate 0.1"]);
});
