/** A value as it is typed, and as it is sent. */

import type { AttributeInfo, Kind } from "./types.ts";

/** Kinds that people edit; what is logged as a series or a file is not typed in. */
const EDITED: readonly Kind[] = ["bool", "int", "float", "string", "datetime", "string_set"];

/** Whether people may change what is there: what says what happened stays. */
export function isEditable({ path, kind }: Pick<AttributeInfo, "path" | "kind">): boolean {
  return EDITED.includes(kind) && !/^(sys|monitoring|source_code)\//.test(path);
}

/** The value as one would type it; a set has a line for each of its texts. */
export function typedValue({ value }: AttributeInfo): string {
  if (value === null || value === undefined) return "";
  return Array.isArray(value) ? value.join("\n") : String(value);
}

const WORDS: Readonly<Record<string, string>> = {
  nan: "NaN",
  inf: "Infinity",
  infinity: "Infinity",
  "-inf": "-Infinity",
  "-infinity": "-Infinity",
};

/**
 * What was typed as JSON; null if it is nothing of this kind. An int is sent digit by digit: it may be larger than what
 * a browser counts exactly.
 */
export function valueJson(kind: Kind, typed: string): string | null {
  const text = typed.trim();
  switch (kind) {
    case "bool":
      return /^(true|false)$/i.test(text) ? text.toLowerCase() : null;
    case "int":
      return /^[+-]?\d+$/.test(text) ? text.replace(/^\+/, "").replace(/^(-?)0+(?=\d)/, "$1") : null;
    case "float": {
      const word = WORDS[text.toLowerCase()];
      if (word !== undefined) return JSON.stringify(word);
      return text !== "" && Number.isFinite(Number(text)) ? String(Number(text)) : null;
    }
    case "datetime": {
      const time = isDayThere(text) ? Date.parse(text) : Number.NaN;
      return Number.isNaN(time) ? null : JSON.stringify(new Date(time).toISOString());
    }
    case "string_set":
      return JSON.stringify([...new Set(typed.split("\n").map((line) => line.trim()))].filter((line) => line !== ""));
    case "string":
      return JSON.stringify(typed);
    default:
      return null;
  }
}

/** Browsers take the 30th of February for the 2nd of March. */
function isDayThere(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(text) ?? [];
  return (
    day === undefined || new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day)
  );
}

/** What is wrong with what was typed; null if it is a value of this kind. */
export function valueProblem(kind: Kind, typed: string): string | null {
  return valueJson(kind, typed) === null ? `This is no ${kind.replace("_", " ")}. ${HINTS[kind] ?? ""}` : null;
}

/** What one may type. */
export const HINTS: Readonly<Partial<Record<Kind, string>>> = {
  bool: "true or false",
  int: "A whole number",
  float: "A number, NaN, Infinity or -Infinity",
  datetime: "A date and time, such as 2024-02-29T12:30:00Z",
  string_set: "A text on each line",
};
