import { expect, test } from "vitest";
import { processesOf } from "./processes.ts";

test("each process is told apart by host and number", () => {
  const processes = processesOf([
    { path: "monitoring/aa/hostname", kind: "string", value: "gpu-1" },
    { path: "monitoring/aa/pid", kind: "int", value: 7 },
    { path: "monitoring/aa/cpu", kind: "float_series" },
    { path: "monitoring/bb/cpu", kind: "float_series" },
    { path: "train/loss", kind: "float_series" },
  ]);
  expect(processes.map(({ namespace, host, pid }) => [namespace, host, pid])).toEqual([
    ["monitoring/aa", "gpu-1", "7"],
    ["monitoring/bb", null, null],
  ]);
});
