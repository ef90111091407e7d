/** What the file MLmodel of a model says: how it can be loaded, and what goes in and comes out. */

import { parseYaml, type Yaml } from "./yaml.ts";

/** A column or a tensor that a model takes or gives. */
export interface ModelColumn {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

export interface Flavour {
  /** Its name, for example `sklearn`; `python_function` is the one that all tools can load. */
  readonly name: string;
  readonly facts: readonly (readonly [string, string])[];
}

export interface ModelCard {
  readonly flavours: readonly Flavour[];
  readonly inputs: readonly ModelColumn[];
  readonly outputs: readonly ModelColumn[];
  readonly parameters: readonly ModelColumn[];
  /** The name of the file with an example of what goes in, beside MLmodel. */
  readonly example: string | null;
  readonly facts: readonly (readonly [string, string])[];
}

const FACTS: readonly (readonly [string, string])[] = [
  ["model_uuid", "Model UUID"],
  ["mlflow_version", "MLflow"],
  ["utc_time_created", "Created (UTC)"],
];

/** The flavours that have a module of MLflow's of the same name, with a `load_model` of its own. */
const OWN_MODULES = new Set(
  "catboost diviner fastai h2o keras langchain lightgbm onnx paddle pmdarima prophet pytorch sentence_transformers sklearn spacy spark statsmodels tensorflow transformers xgboost".split(
    " ",
  ),
);

/** What the text of a MLmodel file says; null if it is not understood. */
export function readModelCard(text: string): ModelCard | null {
  const whole = parseYaml(text);
  const flavours = field(whole, "flavors");
  if (flavours === null || !isMapping(flavours)) return null;
  const signature = field(whole, "signature");
  const example = field(field(whole, "saved_input_example_info"), "artifact_path");
  return {
    flavours: Object.entries(flavours).map(([name, held]) => ({ name, facts: factsOf(held) })),
    inputs: columnsOf(field(signature, "inputs")),
    outputs: columnsOf(field(signature, "outputs")),
    parameters: columnsOf(field(signature, "params")),
    example: typeof example === "string" ? example : null,
    facts: FACTS.flatMap(([key, label]) => {
      const value = field(whole, key);
      return typeof value === "string" ? [[label, value] as const] : [];
    }),
  };
}

/** Lines of Python that load a model and use it. */
export function loadingLines(card: ModelCard | null, uri: string, origin: string): string {
  const own = card?.flavours.find(({ name }) => OWN_MODULES.has(name))?.name;
  const isFunction = card === null || card.flavours.some(({ name }) => name === "python_function");
  const lines = ["import mlflow", "", `mlflow.set_tracking_uri(${JSON.stringify(origin)})`];
  if (isFunction) lines.push(`model = mlflow.pyfunc.load_model(${JSON.stringify(uri)})`, "model.predict(data)");
  if (own !== undefined) {
    lines.push("", `# As ${own} itself has it:`, `model = mlflow.${own}.load_model(${JSON.stringify(uri)})`);
  }
  return lines.join("\n");
}

function isMapping(value: Yaml): value is { readonly [key: string]: Yaml } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function field(value: Yaml, key: string): Yaml {
  return isMapping(value) ? (value[key] ?? null) : null;
}

function factsOf(held: Yaml, prefix = ""): (readonly [string, string])[] {
  if (!isMapping(held)) return [];
  return Object.entries(held).flatMap(([key, value]) => {
    if (typeof value === "string") return value === "" ? [] : [[prefix + key, value] as const];
    return factsOf(value, `${prefix}${key}.`);
  });
}

interface RawColumn {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly required?: unknown;
  readonly optional?: unknown;
  readonly dtype?: unknown;
  readonly "tensor-spec"?: { readonly dtype?: unknown; readonly shape?: unknown };
}

function columnsOf(text: Yaml): ModelColumn[] {
  if (typeof text !== "string") return [];
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(raw)) return [];
  return raw.map((each: RawColumn | null, index) => ({
    name: typeof each?.name === "string" ? each.name : raw.length > 1 ? `#${index + 1}` : "",
    type: typeOf(each),
    required: each?.required !== false && each?.optional !== true,
  }));
}

function typeOf(column: RawColumn | null): string {
  const tensor = column?.["tensor-spec"];
  if (tensor !== undefined) {
    const shape = Array.isArray(tensor.shape) ? tensor.shape.map(String).join(", ") : "";
    return `tensor of ${String(tensor.dtype)} (${shape})`;
  }
  return typeof column?.type === "string" ? column.type : "unknown";
}
