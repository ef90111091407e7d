/** Where a value stands between two ends of a drawing. Pure. */

import type { Range } from "./value-range.ts";

export type Scale = (value: number) => number;

/** The least value stands at `start`, the greatest at `end`; with `log`, equal factors are equally far apart. */
export function scale([from, to]: Range, start: number, end: number, log = false): Scale {
  const place = log ? Math.log : (value: number) => value;
  const first = place(from);
  const length = place(to) - first;
  return (value) => start + ((place(value) - first) / length) * (end - start);
}
