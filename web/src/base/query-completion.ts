/** What can stand where the cursor is in a query that is being written. The server alone knows what a query means. */

export type Wanted = "path" | "operator" | "value" | "joiner";

export interface Completion {
  readonly wanted: Wanted;
  /** What is typed of it, without quotes. */
  readonly typed: string;
  /** The stretch that a choice replaces. */
  readonly from: number;
  readonly to: number;
  /** The path of the condition that the cursor is in; empty before there is one. */
  readonly path: string;
  /** Whether a series is named in brackets, `min(loss)`, and whether they are still open at the cursor. */
  readonly call: Call;
}

type Call = "none" | "open" | "closed";

export const OPERATORS = [
  "=",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "CONTAINS",
  "NOT CONTAINS",
  "MATCHES",
  "NOT MATCHES",
  "IN",
  "NOT IN",
  "EXISTS",
  "NOT EXISTS",
] as const;
/** What stands for a series is written with one of these before it. */
export const AGGREGATES = [
  "last",
  "first",
  "min",
  "max",
  "average",
  "variance",
  "min_step",
  "max_step",
  "count",
] as const;
/** The value of a series where another one is best is written with one of these between them. */
export const BEST = ["@min(", "@max("] as const;
export const JOINERS = ["AND", "OR"] as const;
export const STATES = ["running", "finished", "failed", "crashed", "stopped", "stalled"] as const;

const TOKEN = /`([^`]*)(`?)|"((?:\\.|[^"\\])*)("?)|'((?:\\.|[^'\\])*)('?)|==|!=|<=|>=|[=<>()]|[^\s()=!<>`"']+|!/g;
const COMPARISON = /^(?:==|!=|<=|>=|[=<>])$/;
const WORD_COMPARISON = /^(?:CONTAINS|MATCHES|IN)$/i;

/** What is wanted at `cursor` in `text`. */
export function completionAt(text: string, cursor: number): Completion {
  let wanted: Wanted = "path";
  let path = "";
  let call: Call = "none";
  let isList = false;
  for (const match of text.matchAll(TOKEN)) {
    const from = match.index;
    const to = from + match[0].length;
    const token = match[0];
    const inside = match[1] ?? match[3] ?? match[5];
    const isOpen = inside !== undefined && (match[2] ?? match[4] ?? match[6]) === "";
    if (from >= cursor) break;
    const isSign = COMPARISON.test(token) || token === "(" || token === ")" || token === ",";
    // A word that the cursor touches is still being written; a sign, and a quote that is closed, is done.
    const isBeingWritten = to >= cursor && !isSign && (inside === undefined || isOpen || to > cursor);
    if (isBeingWritten) {
      const typed = text.slice(from, cursor).replace(/^[`"']/, "");
      return { wanted, typed, from, to: Math.max(to, cursor), path, call };
    }
    if (wanted === "joiner") call = "none";
    if (wanted === "operator" && token === "(") call = "open";
    if (wanted === "operator" && token === ")") call = "closed";
    // Of `IN (a, b)`: values up to the bracket.
    if (isList || (wanted === "value" && token === "(")) {
      isList = token !== ")";
      wanted = isList ? "value" : "joiner";
    } else [wanted, path] = after(wanted, path, token, inside);
  }
  return { wanted, typed: "", from: cursor, to: cursor, path, call };
}

function after(wanted: Wanted, path: string, token: string, inside: string | undefined): [Wanted, string] {
  const word = inside === undefined ? token.toUpperCase() : "";
  if (wanted === "path") {
    if (word === "NOT" || word === "(" || word === "AND" || word === "OR") return ["path", path];
    return ["operator", inside ?? token];
  }
  if (wanted === "operator") {
    if (COMPARISON.test(token) || WORD_COMPARISON.test(word)) return ["value", path];
    if (word === "EXISTS") return ["joiner", path];
    // An aggregate: `min(train/loss)`.
    if (word === "(") return ["path", path];
    return ["operator", path];
  }
  if (wanted === "value") return ["joiner", path];
  if (word === "AND" || word === "OR") return ["path", ""];
  return ["joiner", path];
}

const PLAIN_PATH = /^[^\s()=!<>:`"',]+$/;
const PLAIN_VALUE = /^[^\s()`"'=!<>]+$/;
const KEYWORD = /^(?:AND|OR|NOT|EXISTS|CONTAINS|MATCHES)$/i;

/** `path` as a query writes it. */
export function queryPath(path: string): string {
  return PLAIN_PATH.test(path) && !KEYWORD.test(path) ? path : `\`${path}\``;
}

/** `value` as a query writes it. */
export function queryValue(value: string): string {
  return PLAIN_VALUE.test(value) && !KEYWORD.test(value) ? value : `"${value.replace(/(["\\])/g, "\\$1")}"`;
}

/** Whether several values stand behind it, with commas, in brackets. */
export function takesList(operator: string): boolean {
  return /\bIN$/.test(operator);
}

/** One condition as text, of a path or what stands for a series as a query writes it; a list is written as it is. */
export function condition(operand: string, operator: string, value: string): string {
  const start = `${operand} ${operator}`;
  if (operator.endsWith("EXISTS")) return start;
  return `${start} ${takesList(operator) ? `(${value})` : queryValue(value)}`;
}

/** `query` and one condition more. An OR outside of brackets is put into some. */
export function withCondition(query: string, added: string): string {
  const held = query.trim();
  if (held === "") return added;
  return `${/\bOR\b/i.test(held) ? `(${held})` : held} AND ${added}`;
}

/**
 * `text` with the stretch of `completion` replaced by `choice`, and where the cursor stands then.
 *
 * A path that is named in brackets closes them; what opens some, or begins with `@`, stands close to its neighbours.
 */
export function completed(text: string, completion: Completion, choice: string): { text: string; cursor: number } {
  const { wanted, call, from, to } = completion;
  const rest = text.slice(to);
  const before = choice.startsWith("@") ? text.slice(0, from).trimEnd() : text.slice(0, from);
  const closes = wanted === "path" && call === "open" && !rest.trimStart().startsWith(")");
  const put = `${before}${choice}${closes ? ")" : ""}`;
  if (choice.endsWith("(")) return { text: put + rest, cursor: put.length };
  return { text: `${put}${/^[ )]/.test(rest) ? "" : " "}${rest}`, cursor: put.length + 1 };
}

/** The series before an `@` that is being written: of `accuracy@m` it is `accuracy`. Null if there is none. */
export function seriesBeforeBest(typed: string): string | null {
  const [, path, sign] = /^(.+)(@\w*)$/.exec(typed) ?? [];
  return path !== undefined && sign !== undefined && BEST.some((best) => best.startsWith(sign)) ? path : null;
}
