/** The words for what changed between two runs. Pure. */

import type { Area, DifferenceInfo } from "#api/differences.ts";
import { formatCount, formatNumber, parseJsonFloat } from "#base/numbers.ts";
import { differenceText } from "./rows.ts";

export const AREA_WORDS: Readonly<Record<Area, string>> = {
  config: "Config",
  code: "Code",
  data: "Data",
  environment: "Environment",
  hardware: "Hardware",
  throughput: "Throughput",
  metrics: "Metric",
  result: "Result",
  output: "Output",
};

type ChangedValue = DifferenceInfo["before"];

const SHA256 = /^[0-9a-f]{64}$/;

/** What both sides have, by as many digits as it takes to tell them apart. */
export function pairWords(before: ChangedValue, after: ChangedValue): readonly [string, string] {
  const words = [valueWords(before), valueWords(after)] as const;
  if (words[0] !== words[1] || typeof before !== "number" || typeof after !== "number") return words;
  return [String(before), String(after)];
}

/** What one side has; a hash by its beginning. */
export function valueWords(value: ChangedValue): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "number") return Number.isSafeInteger(value) ? formatCount(value) : formatNumber(value);
  if (typeof value === "string" && SHA256.test(value)) return value.slice(0, 12);
  return String(value) === "" ? "“”" : String(value);
}

/** The hashes of a text that both runs have; null if it is none. What the server read, it has details of. */
export function textsOf({ area, before, after, details }: DifferenceInfo): readonly [string, string] | null {
  const isText = details.length > 0 && (area === "code" || area === "environment" || area === "output");
  if (!isText || typeof before !== "string" || typeof after !== "string") return null;
  return SHA256.test(before) && SHA256.test(after) ? [before, after] : null;
}

/** By how much a number changed; null if one side has none. */
export function differenceOfValues(before: ChangedValue, after: ChangedValue): string | null {
  if (typeof before !== "number" || typeof after !== "number") return null;
  const delta = after - before;
  return differenceText({ delta, percent: before === 0 ? null : (delta / Math.abs(before)) * 100 });
}

/** Where two curves part, and how sure that is. */
export function partingWords({ step, differs_at, limit }: NonNullable<DifferenceInfo["parting"]>): string {
  const words = [step === null ? "The curves do not part." : `The curves part at step ${stepWords(step)}.`];
  if (differs_at !== null && differs_at !== step) words.push(`First other value at step ${stepWords(differs_at)}.`);
  const noise = parseJsonFloat(limit);
  if (noise > 0) words.push(`Up to ${formatNumber(noise)} is noise.`);
  return words.join(" ");
}

/** A step of a curve of many points is the middle of a stretch, of which no one wants the fraction. */
function stepWords(step: number): string {
  return formatNumber(Math.abs(step) >= 100 ? Math.round(step) : step);
}
