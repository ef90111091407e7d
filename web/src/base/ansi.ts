/** Terminal text as spans of style. Colours and weight are kept; all other escape sequences are dropped. */

export interface AnsiSpan {
  readonly text: string;
  /** 0 to 15 of the terminal palette, a CSS colour of the larger palettes, or null for the page's own. */
  readonly color: number | string | null;
  readonly background: number | string | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
}

type Style = Omit<AnsiSpan, "text">;

const PLAIN: Style = { color: null, background: null, bold: false, dim: false, italic: false, underline: false };
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are control characters.
const ESCAPE = /\u001b\[([0-9;:?]*)([@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[@-_]/g;
const ESCAPE_CHARACTER = "\u001b";

/** `line` in spans; text in front of a carriage return is what a terminal would have overwritten, so it is dropped. */
export function parseAnsi(line: string): AnsiSpan[] {
  const text = afterCarriageReturn(line);
  if (!text.includes(ESCAPE_CHARACTER)) return text === "" ? [] : [{ text, ...PLAIN }];
  const spans: AnsiSpan[] = [];
  let style = PLAIN;
  let at = 0;
  for (const match of text.matchAll(ESCAPE)) {
    if (match.index > at) spans.push({ text: text.slice(at, match.index), ...style });
    at = match.index + match[0].length;
    if (match[2] === "m") style = applyCodes(style, match[1] ?? "");
  }
  if (at < text.length) spans.push({ text: text.slice(at), ...style });
  return spans;
}

/** `line` without escape sequences. */
export function stripAnsi(line: string): string {
  return afterCarriageReturn(line).replace(ESCAPE, "");
}

function afterCarriageReturn(line: string): string {
  const text = line.replace(/[\r\n]+$/, "");
  return text.slice(text.lastIndexOf("\r") + 1);
}

function applyCodes(before: Style, parameters: string): Style {
  const codes = parameters === "" ? [0] : parameters.split(/[;:]/).map(Number);
  let style = before;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      const [color, used] = extendedColor(codes.slice(index + 1));
      style = code === 38 ? { ...style, color } : { ...style, background: color };
      index += used;
    } else {
      style = applyCode(style, code);
    }
  }
  return style;
}

function applyCode(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 3) return { ...style, italic: true };
  if (code === 4) return { ...style, underline: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 23) return { ...style, italic: false };
  if (code === 24) return { ...style, underline: false };
  if (code >= 30 && code <= 37) return { ...style, color: code - 30 };
  if (code === 39) return { ...style, color: null };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code === 49) return { ...style, background: null };
  if (code >= 90 && code <= 97) return { ...style, color: code - 90 + 8 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 100 + 8 };
  return style;
}

/** The colour behind a 38 or 48, and how many parameters it took. */
function extendedColor(rest: readonly number[]): [number | string | null, number] {
  if (rest[0] === 5) return [paletteColor(rest[1] ?? 0), 2];
  if (rest[0] === 2) return [`rgb(${rest[1] ?? 0} ${rest[2] ?? 0} ${rest[3] ?? 0})`, 4];
  return [null, 0];
}

function paletteColor(index: number): number | string {
  if (index < 16) return index;
  if (index >= 232) {
    const grey = (index - 232) * 10 + 8;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const level = (value: number) => (value === 0 ? 0 : value * 40 + 55);
  const cube = index - 16;
  return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`;
}
