/** Source code in spans by what they are, well enough to read it; no language is understood whole. */

export type SyntaxKind = "comment" | "string" | "keyword" | "number" | "name";

export interface SyntaxSpan {
  readonly text: string;
  /** Null for all that has no colour. */
  readonly kind: SyntaxKind | null;
}

export type Language = "python" | "braces" | "hash" | "json" | "sql";

const LANGUAGES: readonly (readonly [RegExp, Language])[] = [
  [/\.(py|pyi|pyx|ipy)$/i, "python"],
  [/\.(js|mjs|cjs|jsx|ts|tsx|java|c|cc|cpp|cu|cuh|h|hpp|go|rs|swift|kt|scala|php|css|proto)$/i, "braces"],
  [/\.(json|ipynb|jsonl)$/i, "json"],
  [/\.(ya?ml|toml|ini|cfg|conf|sh|bash|zsh|fish|r|jl|rb|pl|mk|cmake|env|properties)$/i, "hash"],
  [/(^|\/)(dockerfile|makefile|requirements[^/]*\.txt|\.gitignore)$/i, "hash"],
  [/\.sql$/i, "sql"],
];

/** The language that a file's name tells; null for one that is shown without colours. */
export function languageOf(filename: string): Language | null {
  return LANGUAGES.find(([name]) => name.test(filename))?.[1] ?? null;
}

const words = (text: string) => `\\b(?:${text.trim().split(/\s+/).join("|")})\\b`;
const NUMBER = "\\b(?:0[xXbBoO][\\da-fA-F_]+|\\d[\\d_]*(?:\\.[\\d_]*)?(?:[eE][+-]?\\d+)?)[a-zA-Z]?\\b";
const QUOTED = `"(?:\\\\[\\s\\S]|[^"\\\\\\n])*"?|'(?:\\\\[\\s\\S]|[^'\\\\\\n])*'?`;
const PYTHON_WORDS = `False None True and as assert async await break case class continue def del elif else except finally
  for from global if import in is lambda match nonlocal not or pass raise return try while with yield`;
const BRACE_WORDS = `abstract any as async auto await bool boolean break case catch chan char class const constexpr continue
  crate default defer delete do double dyn else enum export extends extern false final float fn for from func function go
  if impl implements import in inline instanceof int interface let long loop map match mod mut namespace new nil null
  number object override package private protected pub public range readonly return self short signed sizeof static
  string struct super switch template this throw throws trait true try type typedef typename typeof undefined union
  unsafe unsigned use using var virtual void volatile where while yield`;
const HASH_WORDS = `case do done elif else esac export fi for function if in local return then true false null yes no on off
  while FROM RUN COPY ENV CMD ENTRYPOINT WORKDIR ARG`;
const SQL_WORDS = `add all alter and as asc begin between by case check column commit create delete desc distinct drop else
  end exists false foreign from full group having in index inner insert into is join key left like limit not null on or
  order outer primary references right select set table then true union unique update values view when where with`;

/** Named groups are the kinds; what stands first wins. */
const RULES: Readonly<Record<Language, RegExp>> = {
  python: rule(
    {
      comment: "#[^\\n]*",
      string: `[rRbBuUfF]{0,2}(?:"""[\\s\\S]*?(?:"""|$)|'''[\\s\\S]*?(?:'''|$)|${QUOTED})`,
      keyword: words(PYTHON_WORDS),
      name: "@[\\w.]+|(?<=\\b(?:def|class)\\s+)\\w+",
      number: NUMBER,
    },
    "g",
  ),
  braces: rule(
    {
      comment: "\\/\\/[^\\n]*|\\/\\*[\\s\\S]*?(?:\\*\\/|$)|^[ \\t]*#\\s*(?:include|define|if|endif|pragma|else)[^\\n]*",
      string: `\`(?:\\\\[\\s\\S]|[^\`\\\\])*\`?|${QUOTED}`,
      keyword: words(BRACE_WORDS),
      name: "(?<=\\b(?:function|class|fn|func|struct|interface|enum)\\s+)\\w+",
      number: NUMBER,
    },
    "gm",
  ),
  json: rule(
    { name: '"(?:\\\\.|[^"\\\\\\n])*"(?=\\s*:)', string: QUOTED, keyword: words("true false null"), number: NUMBER },
    "g",
  ),
  hash: rule(
    {
      comment: "(?<=^|\\s)#[^\\n]*",
      name: "^[ \\t]*(?:- )?[\\w.\\-]+(?=\\s*[:=])|^\\s*\\[[^\\]\\n]+\\]",
      string: QUOTED,
      keyword: words(HASH_WORDS),
      number: NUMBER,
    },
    "gm",
  ),
  sql: rule(
    { comment: "--[^\\n]*|\\/\\*[\\s\\S]*?(?:\\*\\/|$)", string: QUOTED, keyword: words(SQL_WORDS), number: NUMBER },
    "gi",
  ),
};

function rule(kinds: Partial<Record<SyntaxKind, string>>, flags: string): RegExp {
  const parts = Object.entries(kinds).map(([kind, pattern]) => `(?<${kind}>${pattern})`);
  return new RegExp(parts.join("|"), flags);
}

/** `text` line by line; a span that goes over several lines is cut at their ends. */
export function highlight(text: string, language: Language | null): SyntaxSpan[][] {
  if (language === null) return text.split("\n").map((line) => (line === "" ? [] : [{ text: line, kind: null }]));
  const lines: SyntaxSpan[][] = [[]];
  const add = (part: string, kind: SyntaxKind | null) => {
    part.split("\n").forEach((line, index) => {
      if (index > 0) lines.push([]);
      if (line !== "") lines.at(-1)?.push({ text: line, kind });
    });
  };
  let at = 0;
  for (const match of text.matchAll(RULES[language])) {
    if (match[0] === "") continue;
    add(text.slice(at, match.index), null);
    const kind = Object.entries(match.groups ?? {}).find(([, found]) => found !== undefined)?.[0];
    add(match[0], (kind as SyntaxKind | undefined) ?? null);
    at = match.index + match[0].length;
  }
  add(text.slice(at), null);
  return lines;
}
