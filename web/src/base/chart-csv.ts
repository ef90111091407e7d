/** The lines of a chart as CSV: one row per place of each line, as RFC 4180 has it. Pure. */

import type { Line } from "./line.ts";

interface Named {
  readonly label: string;
  readonly line: Line;
}

const COLUMNS = [
  "path",
  "line",
  "step_first",
  "step_last",
  "time",
  "x",
  "value",
  "unsmoothed",
  "low",
  "high",
  "points",
];

/**
 * What `path` has at the places that are drawn, also where an axis cannot show it.
 *
 * Times are ISO 8601 in UTC; a value that is no number is `NaN`, `inf` or `-inf`, one that is not there is empty.
 */
export function chartCsv(path: string, curves: readonly Named[]): string {
  const rows = [COLUMNS.join(",")];
  for (const { label, line } of curves) {
    const begin = `${csvText(path)},${csvText(label)}`;
    for (let at = 0; at < line.x.length; at += 1) {
      const time = line.time?.[at];
      const cells = [
        csvNumber(line.stepFirst[at]),
        csvNumber(line.stepLast[at]),
        time === undefined || Number.isNaN(time) ? "" : new Date(time).toISOString(),
        csvNumber(line.x[at]),
        csvValue(line.value[at]),
        csvNumber(line.raw?.[at]),
        csvNumber(line.low === null ? undefined : line.least[at]),
        csvNumber(line.high === null ? undefined : line.greatest[at]),
        csvNumber(line.count[at]),
      ];
      rows.push(`${begin},${cells.join(",")}`);
    }
  }
  return `${rows.join("\r\n")}\r\n`;
}

function csvNumber(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? "" : String(value);
}

/** As pandas and NumPy read it. */
function csvValue(value: number | undefined): string {
  if (value === undefined || Number.isFinite(value)) return csvNumber(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf";
}

/** A text as a cell. One that begins like a formula gets a quote before it, or a spreadsheet would run it. */
export function csvText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
