/** The one place that calls `fetch`. */

import { parseExactJson } from "#base/numbers.ts";
import type { Problem } from "./types.ts";

export type Query = Readonly<Record<string, string | number | readonly string[] | null | undefined>>;

/** The server refused, or could not be reached (`status` 0). The message is for people. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** Where a query is wrong, in characters from its beginning. */
  readonly position: number | null;

  constructor(status: number, code: string, message: string, position: number | null = null) {
    super(message);
    this.position = position;
    this.name = "ApiError";
    this.status = status;
    this.code = code;
  }
}

/** `path` with `query`; null and undefined are left out, a list repeats its name. */
export function address(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    if (typeof value === "string" || typeof value === "number") parameters.append(name, String(value));
    else for (const item of value) parameters.append(name, item);
  }
  const text = parameters.toString();
  return text === "" ? path : `${path}?${text}`;
}

/**
 * Send a request and return the answer if the server accepted it.
 *
 * @throws ApiError the server refused or could not be reached.
 */
export async function send(url: string, options: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "unreachable", "The server cannot be reached. Check that it is running, then try again.");
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  throw new ApiError(response.status, problem.code, problem.message, problem.position ?? null);
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const problem = (await response.json()) as Partial<Problem>;
    if (typeof problem.message === "string") {
      return { code: problem.code ?? "unknown", message: problem.message, position: problem.position ?? null };
    }
  } catch {
    // A proxy in between answers with a page of its own; its status is all there is to say.
  }
  return { code: "unknown", message: `The server answered ${response.status}. Try again, or look into its log.` };
}

/** The JSON answer to a GET. The caller names the shape that the contract promises. */
export async function getJson<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return (await (await get(path, query, signal)).json()) as T;
}

/** The same, but whole numbers that no float64 holds come as their text. */
export async function getExactJson<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return parseExactJson(await (await get(path, query, signal)).text()) as T;
}

function get(path: string, query: Query, signal: AbortSignal | undefined): Promise<Response> {
  return send(address(path, query), {
    headers: { accept: "application/json" },
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The JSON answer to a POST of JSON. */
export function postJson<T>(path: string, body: unknown): Promise<T> {
  return writeJson<T>("POST", path, body);
}

/** The JSON answer to a PATCH of JSON. */
export function patchJson<T>(path: string, body: unknown): Promise<T> {
  return writeJson<T>("PATCH", path, body);
}

/** The JSON answer to a PUT of JSON. */
export function putJson<T>(path: string, body: unknown): Promise<T> {
  return writeJson<T>("PUT", path, body);
}

async function writeJson<T>(method: string, path: string, body: unknown): Promise<T> {
  const headers = { accept: "application/json", "content-type": "application/json" };
  const response = await send(path, { method, headers, body: JSON.stringify(body) });
  return (await response.json()) as T;
}

export function projectPath(project: string): string {
  return `/api/v1/projects/${project.split("/").map(encodeURIComponent).join("/")}`;
}

export function runPath(runId: string): string {
  return `/api/v1/runs/${encodeURIComponent(runId)}`;
}

/** Address of an archive of the files at and below a path; of all files without one. */
export function zipAddress(runId: string, prefix: string): string {
  return address(`${runPath(runId)}/zip`, { prefix: prefix === "" ? null : prefix });
}

/** Address of a file's bytes; `step` picks one of a file series, `download` asks the browser to save it. */
export function fileAddress(
  runId: string,
  path: string,
  { step, download }: { step?: number; download?: boolean } = {},
): string {
  return address(`${runPath(runId)}/file`, { path, step, download: download === true ? 1 : null });
}
