/** Search in lines. */

import { stripAnsi } from "#base/ansi.ts";
import type { LogLine } from "./log.ts";

/** Indices of the lines that contain `search`, ignoring case; none for an empty search. */
export function findLines(lines: readonly LogLine[], search: string): number[] {
  if (search === "") return [];
  const wanted = search.toLowerCase();
  const found: number[] = [];
  lines.forEach(({ text }, index) => {
    if (stripAnsi(text).toLowerCase().includes(wanted)) found.push(index);
  });
  return found;
}

/** `text` cut where `search` begins and ends; every second part is a match. */
export function splitMatches(text: string, search: string): string[] {
  if (search === "") return [text];
  const parts: string[] = [];
  const low = text.toLowerCase();
  const wanted = search.toLowerCase();
  let at = 0;
  for (;;) {
    const next = low.indexOf(wanted, at);
    if (next < 0) break;
    parts.push(text.slice(at, next), text.slice(next, next + wanted.length));
    at = next + wanted.length;
  }
  parts.push(text.slice(at));
  return parts;
}
