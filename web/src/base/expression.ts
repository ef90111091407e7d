/**
 * Expressions over series: `a / b`, `log(loss)`, `ema(reward, 10)`; several, with `;` between them, share a chart.
 *
 * A path of letters, digits, `_` and `.` stands for itself; any other stands in backquotes: `` `train/loss` ``. Read by a
 * parser of its own: nothing that is typed is ever run. `^` binds closest and to the right, then a minus before a term,
 * then `*` and `/`, then `+` and `-`.
 */

export type Sign = "+" | "-" | "*" | "/" | "^";

export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "series"; readonly path: string; readonly at: number }
  | { readonly kind: "minus"; readonly of: Expression }
  | { readonly kind: "binary"; readonly sign: Sign; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "call"; readonly name: FunctionName; readonly of: readonly Expression[] };

/** How many arguments a function takes; the second of `ema` and `average` is a number of points. */
export const FUNCTIONS = {
  abs: [1, 1],
  sqrt: [1, 1],
  exp: [1, 1],
  log: [1, 1],
  log2: [1, 1],
  log10: [1, 1],
  min: [1, 8],
  max: [1, 8],
  ema: [2, 2],
  average: [2, 2],
  slope: [1, 1],
} as const satisfies Record<string, readonly [number, number]>;

export type FunctionName = keyof typeof FUNCTIONS;

export interface NamedExpression {
  /** As it was typed. */
  readonly text: string;
  readonly expression: Expression;
  /** The series that it is made of, each once. */
  readonly paths: readonly string[];
}

/** Why a text is no expression, and where: in characters from its beginning. */
export interface ExpressionProblem {
  readonly message: string;
  readonly at: number;
}

export type Parsed =
  | { readonly expressions: readonly NamedExpression[]; readonly problem: null }
  | { readonly expressions: null; readonly problem: ExpressionProblem };

export const MOST_EXPRESSIONS = 8;
const MOST_DEPTH = 40;
const MOST_POINTS = 1e6;

class Fault extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

interface Token {
  readonly kind: "number" | "name" | "path" | "sign" | "end";
  readonly text: string;
  readonly at: number;
}

/** The expressions in `text`. With `known`, all series must be among these paths. */
export function parseExpressions(text: string, known: ReadonlySet<string> | null = null): Parsed {
  try {
    const parser = new Parser(tokensOf(text), text, known);
    return { expressions: parser.all(), problem: null };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { expressions: null, problem: { message: error.message, at: error.at } };
  }
}

/** The names of series in `text`, whether there are such series or not; none where the text cannot be read. */
export function namesIn(text: string): string[] {
  try {
    const tokens = tokensOf(text);
    const isCall = (at: number) => tokens[at + 1]?.text === "(";
    return [
      ...new Set(
        tokens.flatMap(({ kind, text: name }, at) =>
          (kind === "path" && name !== "") || (kind === "name" && !isCall(at)) ? [name] : [],
        ),
      ),
    ];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [];
  }
}

/** `path` as an expression names it. */
export function expressionPath(path: string): string {
  return /^[A-Za-z_][\w.]*$/.test(path) && !Object.hasOwn(FUNCTIONS, path) ? path : `\`${path}\``;
}

const TOKEN = /\s*(?:(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)|([A-Za-z_][\w.]*)|`([^`]*)`|([-+*/^(),;]))/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) {
      const space = /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
      if (at + space === text.length) break;
      const odd = text[at + space] ?? "";
      throw odd === "`"
        ? new Fault("This path has no end. Put a backquote behind it too.", at + space)
        : new Fault(`“${odd}” has no meaning here. A path with other signs stands in backquotes.`, at + space);
    }
    const [whole, number, name, path, sign] = match;
    const begin = at + whole.length - whole.trimStart().length;
    at += whole.length;
    if (number !== undefined) tokens.push({ kind: "number", text: number, at: begin });
    else if (name !== undefined) tokens.push({ kind: "name", text: name, at: begin });
    else if (path !== undefined) tokens.push({ kind: "path", text: path, at: begin });
    else tokens.push({ kind: "sign", text: sign ?? "", at: begin });
  }
  tokens.push({ kind: "end", text: "", at: text.length });
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #text: string;
  readonly #known: ReadonlySet<string> | null;
  #next = 0;
  #depth = 0;
  #paths = new Set<string>();

  constructor(tokens: readonly Token[], text: string, known: ReadonlySet<string> | null) {
    this.#tokens = tokens;
    this.#text = text;
    this.#known = known;
  }

  all(): NamedExpression[] {
    const found: NamedExpression[] = [];
    do {
      // A `;` at the end is no fault.
      if (found.length > 0 && this.#token().kind === "end") break;
      const from = this.#token().at;
      this.#paths = new Set();
      const expression = this.#sum();
      const paths = [...this.#paths];
      if (paths.length === 0) throw new Fault("This names no series, so there is no line to draw.", from);
      found.push({ text: this.#text.slice(from, this.#token().at).trim(), expression, paths });
      if (found.length > MOST_EXPRESSIONS) {
        throw new Fault(`One chart has at most ${MOST_EXPRESSIONS} expressions. Make another chart.`, from);
      }
    } while (this.#take(";"));
    const rest = this.#token();
    if (rest.kind !== "end") {
      throw new Fault(`Something like + or / is missing before “${rest.text}”.`, rest.at);
    }
    return found;
  }

  #token(): Token {
    return this.#tokens[this.#next] ?? { kind: "end", text: "", at: this.#text.length };
  }

  #take(sign: string): boolean {
    const { kind, text } = this.#token();
    if (kind !== "sign" || text !== sign) return false;
    this.#next += 1;
    return true;
  }

  #sum(): Expression {
    this.#depth += 1;
    if (this.#depth > MOST_DEPTH) throw new Fault("This is nested too deeply.", this.#token().at);
    let left = this.#product();
    for (;;) {
      const sign = this.#take("+") ? "+" : this.#take("-") ? "-" : null;
      if (sign === null) break;
      left = { kind: "binary", sign, left, right: this.#product() };
    }
    this.#depth -= 1;
    return left;
  }

  #product(): Expression {
    let left = this.#signed();
    for (;;) {
      const sign = this.#take("*") ? "*" : this.#take("/") ? "/" : null;
      if (sign === null) return left;
      left = { kind: "binary", sign, left, right: this.#signed() };
    }
  }

  #signed(): Expression {
    let isNegative = false;
    for (;;) {
      if (this.#take("-")) isNegative = !isNegative;
      else if (!this.#take("+")) break;
    }
    const of = this.#power();
    return isNegative ? { kind: "minus", of } : of;
  }

  #power(): Expression {
    this.#depth += 1;
    if (this.#depth > MOST_DEPTH) throw new Fault("This is nested too deeply.", this.#token().at);
    const left = this.#term();
    const power: Expression = this.#take("^") ? { kind: "binary", sign: "^", left, right: this.#signed() } : left;
    this.#depth -= 1;
    return power;
  }

  #term(): Expression {
    const token = this.#token();
    this.#next += 1;
    if (token.kind === "number") return { kind: "number", value: Number(token.text) };
    if (token.kind === "path") return this.#series(token);
    if (token.kind === "name") return this.#take("(") ? this.#call(token) : this.#series(token);
    if (token.text === "(") {
      const inside = this.#sum();
      this.#close(token.at);
      return inside;
    }
    this.#next -= 1;
    const found = token.kind === "end" ? "The expression ends" : `There is “${token.text}”`;
    throw new Fault(`${found} where a series, a number or a bracket should be.`, token.at);
  }

  #series({ text, at }: Token): Expression {
    if (text === "") throw new Fault("There is no path between the backquotes.", at);
    if (this.#known !== null && !this.#known.has(text)) throw new Fault(this.#unknown(text, at), at);
    this.#paths.add(text);
    return { kind: "series", path: text, at };
  }

  #unknown(text: string, at: number): string {
    const known = [...(this.#known ?? [])];
    // A path that was typed without backquotes reads as a division.
    const typed = known.filter((path) => path.includes("/") && this.#text.startsWith(path, at));
    const longer =
      typed.sort((a, b) => b.length - a.length)[0] ??
      known.find((path) => path.startsWith(`${text}/`) || path.endsWith(`/${text}`));
    if (longer !== undefined) return `There is no series “${text}”. Do you mean \`${longer}\`, with backquotes?`;
    return Object.hasOwn(FUNCTIONS, text)
      ? `${text} is a function: write ${text}(…).`
      : `There is no series “${text}”. Choose one from the list.`;
  }

  #call({ text, at }: Token): Expression {
    const name = functionNamed(text);
    if (name === null) {
      throw new Fault(`There is no function “${text}”. There are ${Object.keys(FUNCTIONS).join(", ")}.`, at);
    }
    const of: Expression[] = [];
    if (!this.#take(")")) {
      do {
        const begin = this.#token().at;
        const argument = this.#sum();
        if (of.length === 1 && (name === "ema" || name === "average")) requirePoints(name, argument, begin);
        of.push(argument);
      } while (this.#take(","));
      this.#close(at);
    }
    const [least, most] = FUNCTIONS[name];
    if (of.length < least || of.length > most) {
      const wanted = least === most ? String(least) : `${least} to ${most}`;
      throw new Fault(`${name} takes ${wanted} ${most === 1 ? "argument" : "arguments"}, not ${of.length}.`, at);
    }
    return { kind: "call", name, of };
  }

  #close(opened: number): void {
    if (this.#take(")")) return;
    const { at } = this.#token();
    throw new Fault(`The bracket from character ${opened + 1} on is not closed. Put “)” here.`, at);
  }
}

function functionNamed(text: string): FunctionName | null {
  return (Object.keys(FUNCTIONS) as FunctionName[]).find((name) => name === text) ?? null;
}

function requirePoints(name: string, argument: Expression, at: number): void {
  if (argument.kind === "number" && argument.value >= 1 && argument.value <= MOST_POINTS) return;
  throw new Fault(`The second argument of ${name} is how many points: a number from 1 on.`, at);
}
