/** Numbers as the server's JSON writes them, and as people read them. */

/** JSON has no NaN and no infinities, so they travel as strings. */
export type JsonFloat = number | string;

/** The float64 that `value` stands for; NaN for anything that is not a number. */
export function parseJsonFloat(value: JsonFloat | null | undefined): number {
  if (typeof value === "number") return value;
  if (value === "Infinity") return Number.POSITIVE_INFINITY;
  if (value === "-Infinity") return Number.NEGATIVE_INFINITY;
  // A whole number that no float64 holds comes as its text.
  return value != null && /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
}

/** A string, or a number, of JSON. Strings are there to be passed over. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Most answers have no such number, and are read as they are. */
const LONG_INTEGER = /(?:^|[:,[\s])-?\d{16,}/;

/** JSON whose whole numbers keep every digit: those that no float64 holds come as their text. */
export function parseExactJson(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text);
  const exact = text.replace(TOKEN, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
  return JSON.parse(exact);
}

const SIGNIFICANT_DIGITS = 5;
/** From here on and below its inverse, powers of ten read better than zeros. */
const EXPONENT_FROM = 1e6;
const EXPONENT_BELOW = 1e-4;

/** A metric's value in few characters: five significant digits, no trailing zeros. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value === Number.POSITIVE_INFINITY) return "∞";
  if (value === Number.NEGATIVE_INFINITY) return "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return formatCount(value);
  if (size >= EXPONENT_FROM || size < EXPONENT_BELOW) {
    return tidyExponent(value.toExponential(SIGNIFICANT_DIGITS - 2));
  }
  return minus(String(Number(value.toPrecision(SIGNIFICANT_DIGITS))));
}

/** `1.50e+7` as people write it. */
export function tidyExponent(text: string): string {
  const [digits = "", exponent = ""] = text.split("e");
  return minus(`${Number(digits)}e${exponent.replace("+", "")}`);
}

/** A true minus sign is as wide as a digit, so columns stay aligned. */
export function minus(text: string): string {
  return text.replace(/-/g, "−");
}

/** A whole number with thin spaces between thousands: 12 345. */
export function formatCount(value: number): string {
  return minus(grouped(String(Math.round(value))));
}

/** Digits with thin spaces between thousands. */
export function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

const COMPACT_UNITS = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;
/** Four digits are still short enough to be written out. */
const COMPACT_FROM = 10_000;
/** There is no unit of which so much would be few. */
const COMPACT_BELOW = 1e16;

/** A number in the few characters that the tick of an axis has room for: 1500, 20k, 2.5M. */
export function formatCompact(value: number): string {
  const size = Math.abs(value);
  const unit =
    size < COMPACT_FROM || size >= COMPACT_BELOW ? undefined : COMPACT_UNITS.find(([factor]) => size >= factor);
  if (unit === undefined) return formatNumber(value).replace("\u202f", "");
  const [factor, letter] = unit;
  return minus(`${Number((value / factor).toPrecision(4))}${letter}`);
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** Bytes in decimal units: 1 kB = 1000 B. */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 999.5 && unit < BYTE_UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || size >= 99.5 ? 0 : 1;
  return `${size.toFixed(digits)} ${BYTE_UNITS[unit] ?? "B"}`;
}
