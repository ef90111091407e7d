/** A query as rows of path, comparison and value, where it is that simple: conditions that all have to hold. */

import { AGGREGATES, condition, OPERATORS, queryPath, takesList } from "./query-completion.ts";

export interface QueryRow {
  /** A path, or what stands for a series: `min(train/loss)`, `accuracy@min(train/loss)`. */
  readonly path: string;
  readonly operator: string;
  /** Empty where the operator takes none. */
  readonly value: string;
}

const SPACE = /^\s+/;
/** A path in backquotes; an aggregate; a path as it is. */
const PATH = /^(?:`([^`]+)`|(\w+)\(\s*(?:`([^`]+)`|([^\s()`]+))\s*\)|([^\s()=!<>:`"',]+))/;
/** The value of a series where another one is best. */
const AT_BEST = /^(?:`([^`]+)`|([^\s()=!<>:`"',]+?))\s*@(min|max)\(\s*(?:`([^`]+)`|([^\s()`]+))\s*\)/i;
const OPERATOR = /^(==|!=|<=|>=|[=<>]|(?:NOT\s+)?(?:CONTAINS|MATCHES|EXISTS|IN)(?![^\s(]))/i;
const VALUE = /^(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|([^\s()`"'=!<>]+))(?=\s|$)/;
/** Any other backslash is one: regular expressions are full of them. */
const ESCAPED = /\\(["'\\])/g;
/** What stands in the brackets of a list. */
const LIST = /^\(((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^()"'])*)\)(?=\s|$)/;
const AND = /^AND(?=\s)/i;
/** A bracket behind an aggregate or a best step that is still open. */
const OPEN_CALL = new RegExp(`^(.*@(?:min|max)|${AGGREGATES.join("|")})\\(([^()]*)$`, "i");
/** What stands for a series, as a row has it. */
const CALLED = new RegExp(`^(${AGGREGATES.join("|")})\\((.+)\\)$`, "i");
const CALLED_AT = /^(.+)@(min|max)\((.+)\)$/i;
const KEYWORD = /^(?:AND|OR|NOT|EXISTS|CONTAINS|MATCHES)$/i;

/** The rows of `text`; null if it says more than rows can: OR, NOT, brackets, a type, or something half written. */
export function rowsOf(text: string): readonly QueryRow[] | null {
  const rows: QueryRow[] = [];
  let rest = text.trim();
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const found = pattern.exec(rest);
    if (found !== null) rest = rest.slice(found[0].length).replace(SPACE, "");
    return found;
  };
  while (rest !== "") {
    if (rows.length > 0 && take(AND) === null) return null;
    const path = atBest(take(AT_BEST)) ?? plainPath(take(PATH));
    if (path === null) return null;
    const operator = take(OPERATOR)?.[1]?.toUpperCase().replace(/\s+/g, " ").replace("==", "=");
    if (operator === undefined) return null;
    const isList = takesList(operator);
    const value = takesValue(operator) ? take(isList ? LIST : VALUE) : null;
    if (takesValue(operator) && value === null) return null;
    const text_ = isList
      ? (value?.[1] ?? "").trim()
      : (value?.[3] ?? (value?.[1] ?? value?.[2] ?? "").replace(ESCAPED, "$1"));
    rows.push({ path, operator, value: text_ });
  }
  return rows;
}

function atBest(found: RegExpExecArray | null): string | null {
  if (found === null) return null;
  const [, quoted, plain, best = "", quotedOf, of] = found;
  return `${quoted ?? plain ?? ""}@${best.toLowerCase()}(${quotedOf ?? of ?? ""})`;
}

function plainPath(found: RegExpExecArray | null): string | null {
  if (found === null) return null;
  const [, quoted, called, quotedInner, inner, plain] = found;
  // In backquotes this is a path; as a row it would be the point of a series.
  if (KEYWORD.test(plain ?? "") || CALLED.test(quoted ?? "") || CALLED_AT.test(quoted ?? "")) return null;
  return called === undefined ? (quoted ?? plain ?? "") : `${called}(${quotedInner ?? inner ?? ""})`;
}

export function takesValue(operator: string): boolean {
  return !operator.endsWith("EXISTS");
}

/** What is looked for while a path is typed, and what a path that is found makes of it: of `first(lo` all of `lo`. */
export function soughtPath(typed: string): { readonly sought: string; readonly whole: (path: string) => string } {
  const [, before, inside] = OPEN_CALL.exec(typed) ?? [];
  if (before === undefined || inside === undefined) return { sought: typed, whole: (path) => path };
  return { sought: inside.trim(), whole: (path) => `${before}(${path})` };
}

/** Whether a bracket behind an aggregate or a best step still waits for its series. */
export function isOpenCall(typed: string): boolean {
  return OPEN_CALL.test(typed);
}

/** Whether nothing is missing. */
export function isComplete({ path, operator, value }: QueryRow): boolean {
  return (
    path.trim() !== "" &&
    !isOpenCall(path) &&
    (OPERATORS as readonly string[]).includes(operator) &&
    (!takesValue(operator) || value.trim() !== "")
  );
}

/** The opposite of `rowsOf`. */
export function queryOf(rows: readonly QueryRow[]): string {
  return rows.map(rowText).join(" AND ");
}

export function rowText({ path, operator, value }: QueryRow): string {
  return condition(pathText(path.trim()), operator, takesList(operator) ? value.trim() : value);
}

function pathText(path: string): string {
  const [, series = "", best = "", of = ""] = CALLED_AT.exec(path) ?? [];
  if (series !== "") return `${queryPath(series)}@${best}(${queryPath(of)})`;
  const called = CALLED.exec(path);
  return called === null ? queryPath(path) : `${called[1]}(${queryPath(called[2] ?? "")})`;
}
