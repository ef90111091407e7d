import { expect, it } from "vitest";
import { foreignClient, runOfPrintedLink } from "./foreign-client.ts";

it("knows a run that MLflow's client logs by what it says of itself", () => {
  expect(foreignClient([{ path: "a" }, { path: "sys/client", value: "mlflow" }])?.name).toBe("MLflow");
  expect(foreignClient([{ path: "sys/client", value: "other" }])).toBeNull();
  expect(foreignClient([{ path: "params/sys/client", value: "mlflow" }])).toBeNull();
});

it("knows the run in the address that MLflow's client prints", () => {
  const id = "0123456789abcdef".repeat(2);
  expect(runOfPrintedLink(`#/experiments/12/runs/${id}`)).toBe(id);
  expect(runOfPrintedLink(`/experiments/12/runs/${id}/artifacts`)).toBe(id);
  for (const other of ["", "#/experiments/12", `#/experiments/12/runs/${id}0`, `#/runs/${id}`]) {
    expect(runOfPrintedLink(other)).toBeNull();
  }
});
