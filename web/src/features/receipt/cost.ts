/** What logging costs a run, from the series that its client writes below `monitoring/`. */

import type { AttributesQuestion } from "#api/attributes-question.ts";
import type { AttributeInfo } from "#api/types.ts";
import { formatBytes, formatCount, formatNumber } from "#base/numbers.ts";

export interface Cost {
  /** Microseconds of the middle call, and of one of a hundred; of several processes, those of the slowest. */
  readonly middle: number;
  readonly slow: number;
  /** What waits for a receipt, in all processes together. */
  readonly operations: number;
  readonly bytes: number;
  /** The age in seconds of the oldest call without a receipt. */
  readonly lag: number;
}

/** Where the client writes it, once for each process. */
export const COST_SERIES: AttributesQuestion = { below: "monitoring", search: "/logging/", kinds: ["float_series"] };

const NAMES = /^monitoring\/.+\/logging\/(call_p50_us|call_p99_us|queue_operations|queue_bytes|lag_s)$/;

/** What was measured last; null if nothing was. */
export function costOf(attributes: readonly AttributeInfo[]): Cost | null {
  const found = new Map<string, number[]>();
  for (const { path, series } of attributes) {
    const name = NAMES.exec(path)?.[1];
    if (name === undefined || typeof series?.last !== "number") continue;
    found.set(name, [...(found.get(name) ?? []), series.last]);
  }
  const most = (name: string) => Math.max(0, ...(found.get(name) ?? []));
  const sum = (name: string) => (found.get(name) ?? []).reduce((total, each) => total + each, 0);
  if (!found.has("call_p50_us")) return null;
  return {
    middle: most("call_p50_us"),
    slow: most("call_p99_us"),
    operations: sum("queue_operations"),
    bytes: sum("queue_bytes"),
    lag: most("lag_s"),
  };
}

/** `1.2 µs per call (one of a hundred: 4 µs); 310 operations (12 kB) in the queue, the oldest 0.2 s old`. */
export function costSentence({ middle, slow, operations, bytes, lag }: Cost): string {
  const calls = `${microseconds(middle)} per call (one of a hundred: ${microseconds(slow)})`;
  if (operations === 0) return `${calls}; nothing waits in the queue`;
  const waiting = `${formatCount(operations)} operations (${formatBytes(bytes)}) in the queue`;
  return `${calls}; ${waiting}, the oldest ${formatNumber(lag)} s old`;
}

export function microseconds(value: number): string {
  return `${Number(value.toPrecision(2))} µs`;
}
