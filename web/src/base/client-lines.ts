/** The lines that make a first run appear, as one types them. */

export const INSTALL = `pip install marigram
marigram up`;

export const INSTALL_CLIENT = "pip install marigram";

const DEFAULT_ADDRESSES = ["http://127.0.0.1:6274", "http://localhost:6274"];

/** The client finds a server at the default address by itself; any other must be named. */
function urlFor(origin: string): string {
  return DEFAULT_ADDRESSES.includes(origin) ? "" : `, url="${origin}"`;
}

/** A first script of a few lines. */
export function programFor(origin: string, project = "me/first"): string {
  return `import math
import marigram

run = marigram.init_run(project="${project}"${urlFor(origin)})
run["params"] = {"lr": 0.01, "optimizer": "adam"}
for step in range(100):
    run["train/loss"].append(math.exp(-step / 30))
run["test/accuracy"] = 0.93
run.stop()`;
}

/** What a script needs that already calls the Neptune client: one import. */
export function neptuneFor(origin: string): string {
  return `import marigram as neptune

run = neptune.init_run(project="me/first"${urlFor(origin)})
run["parameters"] = {"lr": 0.01, "optimizer": "adam"}
for step in range(100):
    run["train/loss"].append(1 / (step + 1))
run.stop()`;
}

/** What a script needs that calls MLflow: the address, and the token if the server asks for one. */
export function mlflowFor(origin: string, tokenRequired: boolean): string {
  const lines = [`export MLFLOW_TRACKING_URI=${origin}`];
  if (tokenRequired) lines.push("export MLFLOW_TRACKING_TOKEN=…  # what `marigram token create` has printed");
  lines.push("", "# or in the script:", "import mlflow", "", `mlflow.set_tracking_uri("${origin}")`);
  return lines.join("\n");
}

/** What registers a first model by MLflow's client. */
export function modelFor(origin: string): string {
  return `import mlflow
from sklearn.linear_model import LinearRegression

mlflow.set_tracking_uri("${origin}")
with mlflow.start_run():
    model = LinearRegression().fit([[0], [1]], [0, 1])
    mlflow.sklearn.log_model(model, "model", registered_model_name="first")`;
}

/** What is said once per machine, so that scripts need not name the server. */
export function environmentFor(origin: string, tokenRequired: boolean): string {
  const lines = [`export MARIGRAM_URL=${origin}`];
  if (tokenRequired) lines.push("export MARIGRAM_TOKEN=…  # what `marigram token create` has printed");
  return lines.join("\n");
}
