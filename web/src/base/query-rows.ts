/** A query as rows of path, comparison and value, where it is that simple: conditions that all have to hold. */

import { OPERATORS, queryPath, queryValue, takesList } from "./query-completion.ts";

export interface QueryRow {
  /** A path, or an aggregate of a series: `min(train/loss)`. */
  readonly path: string;
  readonly operator: string;
  /** Empty where the operator takes none. */
  readonly value: string;
}

const SPACE = /^\s+/;
/** A path in backquotes; an aggregate; a path as it is. */
const PATH = /^(?:`([^`]+)`|(\w+)\(\s*(?:`([^`]+)`|([^\s()`]+))\s*\)|([^\s()=!<>:`"',]+))/;
const OPERATOR = /^(==|!=|<=|>=|[=<>]|(?:NOT\s+)?(?:CONTAINS|MATCHES|EXISTS|IN)(?![^\s(]))/i;
const VALUE = /^(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|([^\s()`"'=!<>]+))(?=\s|$)/;
/** What stands in the brackets of a list. */
const LIST = /^\(((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^()"'])*)\)(?=\s|$)/;
const AND = /^AND(?=\s)/i;
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
    const path = take(PATH);
    if (path === null || KEYWORD.test(path[5] ?? "")) return null;
    const [, quoted, called, quotedInner, inner, plain] = path;
    const operator = take(OPERATOR)?.[1]?.toUpperCase().replace(/\s+/g, " ").replace("==", "=");
    if (operator === undefined) return null;
    const isList = takesList(operator);
    const value = takesValue(operator) ? take(isList ? LIST : VALUE) : null;
    if (takesValue(operator) && value === null) return null;
    const text_ = isList
      ? (value?.[1] ?? "").trim()
      : (value?.[3] ?? (value?.[1] ?? value?.[2] ?? "").replace(/\\(.)/g, "$1"));
    rows.push({
      path: called === undefined ? (quoted ?? plain ?? "") : `${called}(${quotedInner ?? inner ?? ""})`,
      operator,
      value: text_,
    });
  }
  return rows;
}

export function takesValue(operator: string): boolean {
  return !operator.endsWith("EXISTS");
}

/** Whether nothing is missing. */
export function isComplete({ path, operator, value }: QueryRow): boolean {
  return (
    path.trim() !== "" &&
    (OPERATORS as readonly string[]).includes(operator) &&
    (!takesValue(operator) || value.trim() !== "")
  );
}

/** The opposite of `rowsOf`. */
export function queryOf(rows: readonly QueryRow[]): string {
  return rows.map(rowText).join(" AND ");
}

export function rowText({ path, operator, value }: QueryRow): string {
  const start = `${pathText(path.trim())} ${operator}`;
  if (!takesValue(operator)) return start;
  return `${start} ${takesList(operator) ? `(${value.trim()})` : queryValue(value.trim())}`;
}

function pathText(path: string): string {
  const called = /^(\w+)\((.+)\)$/.exec(path);
  return called === null ? queryPath(path) : `${called[1]}(${queryPath(called[2] ?? "")})`;
}
