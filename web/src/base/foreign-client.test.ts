import { expect, it } from "vitest";
import { foreignClient } from "./foreign-client.ts";

it("knows a run that MLflow's client logs by what it says of itself", () => {
  expect(foreignClient([{ path: "a" }, { path: "sys/client", value: "mlflow" }])?.name).toBe("MLflow");
  expect(foreignClient([{ path: "sys/client", value: "other" }])).toBeNull();
  expect(foreignClient([{ path: "params/sys/client", value: "mlflow" }])).toBeNull();
});
