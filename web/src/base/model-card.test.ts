import { expect, it } from "vitest";
import { loadingLines, readModelCard } from "./model-card.ts";

const TEXT = `artifact_path: model
flavors:
  python_function:
    env:
      conda: conda.yaml
    loader_module: mlflow.sklearn
    python_version: 3.11.7
  sklearn:
    code: null
    sklearn_version: 1.7.1
mlflow_version: 3.3.0
model_uuid: abc
saved_input_example_info:
  artifact_path: input_example.json
  type: ndarray
signature:
  inputs: '[{"type": "double", "name": "age", "required": true}, {"type": "string",
    "name": "city", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1, 2]}}]'
  params: null
utc_time_created: '2026-11-22 05:24:36'
`;

it("says what goes in, what comes out and which flavours there are", () => {
  expect(readModelCard(TEXT)).toEqual({
    flavours: [
      {
        name: "python_function",
        facts: [
          ["env.conda", "conda.yaml"],
          ["loader_module", "mlflow.sklearn"],
          ["python_version", "3.11.7"],
        ],
      },
      { name: "sklearn", facts: [["sklearn_version", "1.7.1"]] },
    ],
    inputs: [
      { name: "age", type: "double", required: true },
      { name: "city", type: "string", required: false },
    ],
    outputs: [{ name: "", type: "tensor of int64 (-1, 2)", required: true }],
    parameters: [],
    example: "input_example.json",
    facts: [
      ["Model UUID", "abc"],
      ["MLflow", "3.3.0"],
      ["Created (UTC)", "2026-11-22 05:24:36"],
    ],
  });
});

it("understands no text that is none", () => {
  expect(readModelCard("nothing")).toBeNull();
  expect(readModelCard("flavors: x")).toBeNull();
  expect(readModelCard("flavors:\n  a: {}\nsignature:\n  inputs: '{'")?.inputs).toEqual([]);
});

it("writes lines that load it", () => {
  const lines = loadingLines(readModelCard(TEXT), "models:/cats/3", "http://127.0.0.1:6274");
  expect(lines).toContain('mlflow.pyfunc.load_model("models:/cats/3")');
  expect(lines).toContain('mlflow.sklearn.load_model("models:/cats/3")');
  expect(loadingLines(null, "models:/cats/3", "x")).toContain("pyfunc.load_model");
});
