import { expect, test } from "vitest";
import { processesOf, sectionTitle, titleOf } from "./processes.ts";
import { unitOf, withUnit } from "./units.ts";

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

test("what stands deeper belongs to the process around it, and is no fact of its own", () => {
  const processes = processesOf([
    { path: "monitoring/job/rank1/hostname", kind: "string", value: "gpu-1" },
    { path: "monitoring/job/rank1/environment/LOCAL_RANK", kind: "string", value: "1" },
    { path: "monitoring/job/rank1/process/cpu", kind: "float_series" },
    { path: "monitoring/job/rank1/cores/0", kind: "float_series" },
    { path: "monitoring/cc/process/cpu", kind: "float_series" },
  ]);
  expect(processes.map(({ namespace, facts }) => [namespace, facts.length])).toEqual([
    ["monitoring/cc", 0],
    ["monitoring/job/rank1", 1],
  ]);
});

test("ranks are in their order and named by it", () => {
  const processes = processesOf(
    [10, 2, 0].flatMap((rank) => [
      { path: `monitoring/rank${rank}-aa/hostname`, kind: "string" as const, value: "n" },
      { path: `monitoring/rank${rank}-aa/pid`, kind: "int" as const, value: 100 + rank },
      { path: `monitoring/rank${rank}-aa/rank`, kind: "int" as const, value: rank },
    ]),
  );
  expect(processes.map(titleOf)).toEqual([
    "rank 0 · n · process 100",
    "rank 2 · n · process 102",
    "rank 10 · n · process 110",
  ]);
  expect(sectionTitle("monitoring/rank2-aa/cores", processes)).toBe("rank 2 · n · process 102 · each core");
  expect(sectionTitle("monitoring/zz", processes)).toBe("zz");
});

test.each([
  ["monitoring/aa/cpu", "%"],
  ["monitoring/aa/cores/12", "%"],
  ["monitoring/aa/process/memory", "GB"],
  ["monitoring/aa/cgroup_memory", "GB"],
  ["monitoring/aa/gpu_0", "%"],
  ["monitoring/aa/gpu_1_mig_3", "%"],
  ["monitoring/aa/gpu_memory_0_mig_3", "GB"],
  ["monitoring/aa/gpu_process_memory_0", "GB"],
  ["monitoring/aa/gpu_power_11", "W"],
  ["monitoring/aa/gpu_temperature_0", "°C"],
  ["monitoring/aa/gpu_memory_clock_0", "MHz"],
  ["monitoring/aa/network_sent", "MB/s"],
  ["monitoring/aa/of_my_own", null],
  ["monitoring/aa/gpu_0_name", null],
])("the unit of %s is %s", (path, unit) => {
  expect(unitOf(path)).toBe(unit);
});

test("numbers that have a unit are shown with it", () => {
  expect(withUnit(33.56712345, "memory_total")).toBe("33.57 GB");
  expect(withUnit(80, "gpu_0_memory_total")).toBe("80 GB");
  expect(withUnit(16, "cpu_count")).toBe("16");
  expect(withUnit("gpu-1", "hostname")).toBe("gpu-1");
});
