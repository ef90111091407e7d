/** View state in the URL: how it is written, and what each page understands. Unknown or broken values are ignored. */

import type { XAxis } from "#base/line.ts";

type Raw = Readonly<Record<string, unknown>>;

/** `?columns=a&columns=b&log=1`: a name that repeats is a list. Everything stays text. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const parsed: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const held = parsed[name];
    if (held === undefined) parsed[name] = value;
    else parsed[name] = Array.isArray(held) ? [...held, value] : [held, value];
  }
  return parsed;
}

/** The opposite of `parseSearch`; undefined, null, false and empty are left out. */
export function stringifySearch(search: Raw): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === false || value === "") continue;
    for (const item of Array.isArray(value) ? value : [value]) {
      parameters.append(name, item === true ? "1" : String(item));
    }
  }
  // A path in an address is easier to read, and to type, with its slashes.
  const text = parameters.toString().replaceAll("%2F", "/");
  return text === "" ? "" : `?${text}`;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function listOf(value: unknown): string[] | undefined {
  if (Array.isArray(value)) return value.map(String);
  const text = textOf(value);
  return text === undefined ? undefined : [text];
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((name) => name === value);
}

export interface RunsSearch {
  readonly search?: string | undefined;
  readonly sort?: string | undefined;
  readonly columns?: readonly string[] | undefined;
}

export function runsSearch(raw: Raw): RunsSearch {
  return { search: textOf(raw.search), sort: textOf(raw.sort), columns: listOf(raw.columns) };
}

export const TABS = ["charts", "attributes", "images", "console", "monitoring", "files"] as const;
export type Tab = (typeof TABS)[number];

const X_AXES: readonly XAxis[] = ["step", "relative", "time"];
const MAX_SMOOTHING = 0.99;

export interface RunSearch {
  readonly tab?: Tab | undefined;
  /** The attribute, series or file that is singled out. */
  readonly path?: string | undefined;
  /** Text that paths must contain, or that console lines are searched for. */
  readonly filter?: string | undefined;
  readonly x?: XAxis | undefined;
  /** 0 to 0.99. */
  readonly smoothing?: number | undefined;
  readonly log?: boolean | undefined;
  readonly step?: number | undefined;
  /** Stretches that charts show, one per series. */
  readonly zoom?: readonly string[] | undefined;
}

export function runSearch(raw: Raw): RunSearch {
  const smoothing = Number(raw.smoothing);
  const step = raw.step === undefined ? Number.NaN : Number(raw.step);
  return {
    tab: oneOf(raw.tab, TABS),
    path: textOf(raw.path),
    filter: textOf(raw.filter),
    x: oneOf(raw.x, X_AXES),
    smoothing: smoothing > 0 ? Math.min(smoothing, MAX_SMOOTHING) : undefined,
    log: raw.log === "1" || raw.log === true ? true : undefined,
    step: Number.isFinite(step) ? step : undefined,
    zoom: listOf(raw.zoom),
  };
}
