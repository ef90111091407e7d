/**
 * The part of YAML that programs write when they dump plain data: block mappings and lists, and scalars in one line or
 * several. Anchors, tags and flow collections with content are not understood; `null` is returned for such a text.
 */

export type Yaml = string | null | readonly Yaml[] | { readonly [key: string]: Yaml };

interface Line {
  readonly indent: number;
  readonly text: string;
}

/** What is wrong with a text is nothing that a page could mend, so it is not said. */
class NotUnderstood extends Error {}

/** What a text says, all scalars as text but for null; null if it is not understood. */
export function parseYaml(text: string): Yaml {
  const lines = text.split(/\r?\n/).map((raw) => ({ indent: raw.length - raw.trimStart().length, text: raw.trim() }));
  try {
    const reader = new Reader(lines);
    const found = reader.block(0);
    return reader.isAtEnd() ? found : null;
  } catch (error) {
    if (error instanceof NotUnderstood) return null;
    throw error;
  }
}

const KEY = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#[\]{}&*!|>%@`-][^#]*?|-[^\s].*?)\s*:(?:\s+(.*))?$/;

class Reader {
  private at = 0;

  constructor(private readonly lines: readonly Line[]) {}

  isAtEnd(): boolean {
    this.skip();
    return this.at >= this.lines.length;
  }

  block(indent: number): Yaml {
    this.skip();
    const first = this.lines[this.at];
    if (first === undefined || first.indent < indent) return null;
    return isItem(first.text) ? this.list(first.indent) : this.mapping(first.indent);
  }

  private list(indent: number): Yaml[] {
    const items: Yaml[] = [];
    for (let line = this.here(indent); line !== undefined && isItem(line.text); line = this.here(indent)) {
      const rest = line.text.slice(1).trim();
      this.at += 1;
      if (rest === "") items.push(this.block(indent + 1));
      else if (KEY.test(rest)) items.push(this.mapping(indent + 2, rest));
      else items.push(this.scalar(rest, indent));
    }
    return items;
  }

  /** `inline` is a first entry that stood behind the dash of a list's item. */
  private mapping(indent: number, inline?: string): Yaml {
    const found: Record<string, Yaml> = {};
    let text = inline;
    if (text === undefined) text = this.next(indent);
    while (text !== undefined) {
      const parts = KEY.exec(text);
      const key = parts?.[1];
      if (key === undefined) throw new NotUnderstood();
      Object.defineProperty(found, unquoted(key), {
        value: this.value((parts?.[2] ?? "").trim(), indent),
        enumerable: true,
      });
      text = this.next(indent);
    }
    return found;
  }

  private next(indent: number): string | undefined {
    const line = this.here(indent);
    if (line === undefined || isItem(line.text)) return undefined;
    this.at += 1;
    return line.text;
  }

  private value(rest: string, indent: number): Yaml {
    if (rest !== "") return this.scalar(rest, indent);
    this.skip();
    const following = this.lines[this.at];
    // A list may stand as far left as its key.
    if (following !== undefined && following.indent === indent && isItem(following.text)) return this.list(indent);
    return following !== undefined && following.indent > indent ? this.block(following.indent) : null;
  }

  private scalar(first: string, indent: number): Yaml {
    if (first === "{}") return {};
    if (first === "[]") return [];
    if (first === "null" || first === "~") return null;
    if (/^[|>]/.test(first)) return this.literal(first.startsWith("|"), indent);
    if (/^[[{&*!]/.test(first)) throw new NotUnderstood();
    const quote = first[0] === '"' || first[0] === "'" ? first[0] : null;
    let text = first;
    if (quote === null) {
      for (let line = this.lines[this.at]; line !== undefined && line.indent > indent; line = this.lines[this.at]) {
        if (KEY.test(line.text)) throw new NotUnderstood();
        text += ` ${line.text}`;
        this.at += 1;
      }
      return text;
    }
    let blank = 0;
    while (!isClosed(text, quote)) {
      const line = this.lines[this.at];
      if (line === undefined) throw new NotUnderstood();
      this.at += 1;
      if (line.text === "") {
        blank += 1;
        continue;
      }
      // A line's end is a space, an empty line is a line's end; a backslash takes the line's end away.
      const isJoined = quote === '"' && /(?:^|[^\\])(?:\\\\)*\\$/.test(text);
      text = isJoined ? text.slice(0, -1) + line.text : text + (blank > 0 ? "\n".repeat(blank) : " ") + line.text;
      blank = 0;
    }
    return unquoted(text);
  }

  private literal(keepsLines: boolean, indent: number): string {
    const held: string[] = [];
    for (let line = this.lines[this.at]; line !== undefined; line = this.lines[this.at]) {
      if (line.indent <= indent && line.text !== "") break;
      held.push(line.text);
      this.at += 1;
    }
    return held.join(keepsLines ? "\n" : " ").trimEnd();
  }

  private here(indent: number): Line | undefined {
    this.skip();
    const line = this.lines[this.at];
    if (line !== undefined && line.indent > indent) throw new NotUnderstood();
    return line?.indent === indent ? line : undefined;
  }

  private skip(): void {
    for (let line = this.lines[this.at]; line !== undefined; line = this.lines[this.at]) {
      if (line.text !== "" && !line.text.startsWith("#") && line.text !== "---") return;
      this.at += 1;
    }
  }
}

function isItem(text: string): boolean {
  return text === "-" || text.startsWith("- ");
}

function isClosed(text: string, quote: string): boolean {
  if (text.length < 2) return false;
  if (quote === "'") return /^'(?:[^']|'')*'$/.test(text);
  return /^"(?:[^"\\]|\\[\s\S])*"$/.test(text);
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "0": "\0" };

function unquoted(text: string): string {
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  if (!text.startsWith('"')) return text;
  return text
    .slice(1, -1)
    .replace(/\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([\s\S]))/g, (_, x, u, long, single) => {
      const code = x ?? u ?? long;
      if (code === undefined) return ESCAPES[single] ?? single;
      const point = Number.parseInt(code, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd";
    });
}
