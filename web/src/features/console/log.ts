/** Lines of string series: how pages and live points join, and how several series are read as one text. */

import type { LiveSeries, PointRow } from "#api/types.ts";
import { lowerBound } from "#base/lower-bound.ts";

export interface LogLine {
  readonly step: number;
  readonly time: number;
  readonly text: string;
}

/** What is loaded of one string series: one stretch without gaps. */
export interface Log {
  /** In order of step. */
  readonly lines: readonly LogLine[];
  /** Lines that the series has. */
  readonly total: number;
  readonly position: number;
  /** Whether nothing comes before the first loaded line. */
  readonly complete: boolean;
  /** Whether nothing comes after the last loaded line. */
  readonly ended: boolean;
}

/** A line of several logs read together. */
export interface ConsoleLine extends LogLine {
  readonly path: string;
}

export function linesOfRows(rows: readonly PointRow[]): LogLine[] {
  return rows.map(({ step, time, value }) => ({ step, time, text: typeof value === "string" ? value : "" }));
}

export function linesOfLive(series: LiveSeries): LogLine[] {
  return series.values.map((value, index) => ({
    step: series.steps[index] ?? 0,
    time: series.times[index] ?? 0,
    text: typeof value === "string" ? value : "",
  }));
}

/**
 * `log` with `fresh` lines that came later; the last write of a step wins, as a progress bar rewrites its line.
 *
 * Lines outside of what is loaded are left out: they are fetched when one scrolls there.
 */
export function withFresh(log: Log, fresh: readonly LogLine[], position: number): Log {
  const lines = [...log.lines];
  let { total } = log;
  for (const line of fresh) {
    const last = lines.at(-1);
    if (last === undefined || line.step > last.step) {
      if (log.ended) lines.push(line);
      total += 1;
      continue;
    }
    const at = placeOf(lines, line.step);
    if (lines[at]?.step === line.step) lines[at] = line;
    else if (at > 0 || log.complete) {
      lines.splice(at, 0, line);
      total += 1;
    }
  }
  return { ...log, lines, total, position };
}

/** Where in `lines` the line of `step` is or belongs. */
function placeOf(lines: readonly LogLine[], step: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lines[middle]?.step ?? 0) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `log` with an `earlier` stretch that ends at or before its first line. */
export function withEarlier(log: Log, earlier: readonly LogLine[], reachesStart: boolean): Log {
  const first = log.lines[0]?.step ?? Number.POSITIVE_INFINITY;
  const lines = [...earlier.filter(({ step }) => step < first), ...log.lines];
  return { ...log, lines, complete: reachesStart || lines.length >= log.total };
}

/** `log` with a `later` stretch that begins at or after its last line. */
export function withLater(log: Log, later: readonly LogLine[], reachesEnd: boolean): Log {
  const last = log.lines.at(-1)?.step ?? Number.NEGATIVE_INFINITY;
  return { ...log, lines: [...log.lines, ...later.filter(({ step }) => step > last)], ended: reachesEnd };
}

/** Only the newest `keep` lines of `log`, so that a page that is open for days stays small. */
export function trimmed(log: Log, keep: number): Log {
  if (log.lines.length <= keep) return log;
  return { ...log, lines: log.lines.slice(-keep), complete: false };
}

/** Only the oldest `keep` lines of `log`: one has scrolled far away from the others. */
export function cutBehind(log: Log, keep: number): Log {
  if (log.lines.length <= keep) return log;
  return { ...log, lines: log.lines.slice(0, keep), ended: false };
}

/** One line of one series, as an address names it: `monitoring/ab12/stdout:120`. */
export interface LinePlace {
  readonly path: string;
  readonly step: number;
}

export function placeText({ path, step }: LinePlace): string {
  return `${path}:${step}`;
}

/** The place that `text` names; null if it names none. */
export function parsePlace(text: string | undefined): LinePlace | null {
  const parts = /^(.+):(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(text ?? "");
  return parts?.[1] === undefined ? null : { path: parts[1], step: Number(parts[2]) };
}

/**
 * What the program printed and reported, in the order to read what was written within one millisecond: what is printed
 * right before a program fails stands above the traceback.
 */
export function outputPaths(paths: readonly string[]): string[] {
  const ending = (name: string) => paths.filter((path) => path.endsWith(`/${name}`));
  return [...ending("stdout"), ...ending("stderr")];
}

/** What finds the paths of what programs print, of both outputs or of one. */
export function outputPattern(stream: "stdout" | "stderr" | undefined = undefined): string {
  return `/\\/(${stream ?? "stdout|stderr"})$/`;
}

/** What finds the paths of what programs say when they fail. */
export const TRACEBACKS = "/\\/traceback$/";

/**
 * Several logs as one text, by time. Lines of one log keep their order, even when one of them was rewritten later.
 *
 * What lies before the first line of a log that is not loaded to its start is left out, and so is what lies behind the
 * last line of one that is not loaded to its end: lines would be missing there.
 */
export function interleave(logs: readonly { readonly path: string; readonly log: Log }[]): ConsoleLine[] {
  const only = logs[0];
  if (only !== undefined && logs.length === 1) return only.log.lines.map((line) => ({ ...line, path: only.path }));
  const from = Math.max(
    Number.NEGATIVE_INFINITY,
    ...logs.map(({ log }) =>
      log.complete ? Number.NEGATIVE_INFINITY : (log.lines[0]?.time ?? Number.NEGATIVE_INFINITY),
    ),
  );
  const until = Math.min(
    Number.POSITIVE_INFINITY,
    ...logs.map(({ log }) =>
      log.ended ? Number.POSITIVE_INFINITY : (log.lines.at(-1)?.time ?? Number.POSITIVE_INFINITY),
    ),
  );
  const keyed: { at: number; order: number; line: ConsoleLine }[] = [];
  for (const { path, log } of logs) {
    // A line may not come before the one above it: its time is at most that of every later line of its log.
    let latest = Number.POSITIVE_INFINITY;
    const times = new Float64Array(log.lines.length);
    for (let index = log.lines.length - 1; index >= 0; index -= 1) {
      latest = Math.min(latest, log.lines[index]?.time ?? latest);
      times[index] = latest;
    }
    const start = log.complete ? 0 : lowerBound(times, from);
    for (let index = start; index < log.lines.length; index += 1) {
      const line = log.lines[index];
      if (line !== undefined) keyed.push({ at: times[index] ?? 0, order: keyed.length, line: { ...line, path } });
    }
  }
  keyed.sort((a, b) => a.at - b.at || a.order - b.order);
  return keyed.filter(({ at }) => at >= from && at <= until).map(({ line }) => line);
}
