/** What became of the points of a run, from the attributes that its client wrote at the end. */

import type { AttributeInfo } from "#api/types.ts";

export interface Receipt {
  readonly logged: number;
  readonly stored: number;
  readonly dropped: number;
  /** Why points and calls were dropped, the most frequent first. */
  readonly reasons: readonly (readonly [reason: string, count: number])[];
}

const REASONS = /^sys\/(?:drops|rejections)\/(.+)$/;

/** The receipt that `attributes` hold; null if there is none (yet). */
export function receiptOf(attributes: readonly AttributeInfo[]): Receipt | null {
  const numbers = new Map<string, number>();
  for (const { path, value } of attributes) {
    if (path.startsWith("sys/") && typeof value === "number") numbers.set(path, value);
  }
  const logged = numbers.get("sys/receipt/points_logged");
  const stored = numbers.get("sys/receipt/points_stored");
  if (logged === undefined || stored === undefined) return null;
  const reasons = [...numbers].flatMap(([path, count]) => {
    const reason = REASONS.exec(path)?.[1];
    return reason === undefined ? [] : [[reason, count] as const];
  });
  reasons.sort((one, other) => other[1] - one[1]);
  const dropped = numbers.get("sys/receipt/points_dropped") ?? Math.max(0, logged - stored);
  return { logged, stored, dropped, reasons };
}

const COUNT = new Intl.NumberFormat("en-US");

/** `1,204,331 points logged, 1,204,330 stored, 1 dropped (kind_conflict 1)`. */
export function receiptSentence({ logged, stored, dropped, reasons }: Receipt): string {
  const why = reasons.map(([reason, count]) => `${reason} ${COUNT.format(count)}`).join(", ");
  const numbers = `${COUNT.format(logged)} points logged, ${COUNT.format(stored)} stored, ${COUNT.format(dropped)} dropped`;
  return why === "" ? numbers : `${numbers} (${why})`;
}
