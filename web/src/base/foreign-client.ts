/** Which client writes to a run, as far as it says so, and what such a client cannot do. */

interface Said {
  readonly path: string;
  readonly value?: unknown;
}

const CLIENT = "sys/client";

/** What is missing when a foreign client logs. */
export interface ForeignClient {
  readonly name: string;
  readonly noStop: string;
  readonly noConsole: string;
}

const MLFLOW: ForeignClient = {
  name: "MLflow",
  noStop: "This run is logged by MLflow's client, which asks the server for nothing: it can't be stopped from here.",
  noConsole: "MLflow's client does not send what a program prints. Log it as an artifact, or use Marigram's client.",
};

/** The foreign client that logs a run; null: it is our own, or not known. */
export function foreignClient(attributes: readonly Said[]): ForeignClient | null {
  return attributes.find(({ path }) => path === CLIENT)?.value === "mlflow" ? MLFLOW : null;
}

const RUN_LINK = /^#?\/experiments\/[^/]+\/runs\/([0-9a-f]{32})(?:\/|$)/;

/** The id of the run that MLflow's client means by the address it prints at the end, `#/experiments/…/runs/…`. */
export function runOfPrintedLink(hash: string): string | null {
  return RUN_LINK.exec(hash)?.[1] ?? null;
}
