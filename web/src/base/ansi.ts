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
  readonly struck: boolean;
  /** Whether text and ground have changed places. */
  readonly inverse: boolean;
}

type Style = Omit<AnsiSpan, "text">;

const PLAIN: Style = {
  color: null,
  background: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  struck: false,
  inverse: false,
};
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
  const codes = parameters === "" ? [0] : parameters.split(";").flatMap(codesOf);
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

/** One parameter as plain codes; `38:2::1:2:3` names a space of colours, too, which `38;2;1;2;3` does not. */
function codesOf(parameter: string): number[] {
  const [code = 0, ...details] = parameter.split(":").map(Number);
  if (code === 38 || code === 48) return [code, ...(details[0] === 2 ? [2, ...details.slice(-3)] : details)];
  // `4:3` is a line of another form, and `4:0` none.
  return code === 4 && details[0] === 0 ? [24] : [code];
}

function applyCode(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 3) return { ...style, italic: true };
  if (code === 4) return { ...style, underline: true };
  if (code === 7) return { ...style, inverse: true };
  if (code === 9) return { ...style, struck: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 23) return { ...style, italic: false };
  if (code === 24) return { ...style, underline: false };
  if (code === 27) return { ...style, inverse: false };
  if (code === 29) return { ...style, struck: false };
  if (code >= 30 && code <= 37) return { ...style, color: code - 30 };
  if (code === 39) return { ...style, color: null };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code === 49) return { ...style, background: null };
  if (code >= 90 && code <= 97) return { ...style, color: code - 90 + 8 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 100 + 8 };
  return style;
}

const TERMINAL: readonly string[] = [
  ...["0 0 0", "170 0 0", "0 130 0", "150 90 0", "0 0 170", "150 0 150", "0 130 130", "190 190 190"],
  ...["85 85 85", "255 85 85", "85 255 85", "255 255 85", "110 110 255", "255 85 255", "85 255 255", "255 255 255"],
];
const BLACK = "rgb(0 0 0)";
const WHITE = "rgb(255 255 255)";
/** Below, text can hardly be told from its ground. */
const LEAST_CONTRAST = 2.5;

/**
 * The colours of text that has a ground of its own; null if it has the page's. The page's palette is made for the
 * page's ground, so here colours are a terminal's; text that could not be read is black or white.
 */
export function groundColors({ color, background, inverse }: AnsiSpan): readonly [string, string] | null {
  const [text, ground] = inverse ? [background ?? 15, color ?? 8] : [color, background];
  if (ground === null) return null;
  const below = terminalColor(ground);
  const wanted = text === null ? null : terminalColor(text);
  if (wanted !== null && contrast(wanted, below) >= LEAST_CONTRAST) return [wanted, below];
  return [contrast(BLACK, below) > contrast(WHITE, below) ? BLACK : WHITE, below];
}

function terminalColor(color: number | string): string {
  return typeof color === "number" ? `rgb(${TERMINAL[color] ?? "0 0 0"})` : color;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** As WCAG defines it, of `rgb(r g b)`. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map((part) => {
    const share = Math.min(255, Number(part)) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
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
