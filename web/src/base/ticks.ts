/** Round places for the ticks of an axis, and the words at them. Pure. */

import { formatCompact, grouped, minus, tidyExponent } from "./numbers.ts";

const ROUND = [1, 2, 2.5, 5, 10];
/** So many digits of a float64 are what was meant; the ones behind them come from sums such as 0.1 + 0.2. */
const DIGITS = 15;
/** More are no longer told apart. */
const MOST_TICKS = 1000;

/** About `count` round numbers within `[from, to]`. */
export function roundTicks(from: number, to: number, count: number): number[] {
  if (!(from < to) || !(count >= 1 && count < MOST_TICKS)) return [];
  const raw = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * (ROUND.find((round) => round * power >= raw * (1 - 1e-9)) ?? 10);
  // Between the least float64 there are, and over more than the greatest, there is no such step.
  if (!(step > 0 && step < Number.POSITIVE_INFINITY)) return [];
  const ticks: number[] = [];
  const first = Math.ceil(from / step - 1e-9);
  // Far from zero, one more index may be the same place.
  for (let at = 0; at <= ROUND.length * count; at += 1) {
    const tick = (first + at) * step;
    if (tick > to + step * 1e-9) break;
    ticks.push(Number.isInteger(step) ? tick : Number(tick.toPrecision(DIGITS)));
  }
  return ticks;
}

/** Powers of ten within `[from, to]`, as few as `count` if they are many; round numbers if there are less than two. */
export function logTicks(from: number, to: number, count: number): number[] {
  if (!isLogarithmic(from, to)) return [];
  const first = Math.ceil(Math.log10(from) - 1e-9);
  const last = Math.floor(Math.log10(to) + 1e-9);
  if (last - first < 1) return roundTicks(from, to, count).filter((tick) => tick > 0);
  const halves = decadeTicks(from, to, [1, 2, 5]);
  if (halves.length <= count) return halves;
  const every = Math.max(1, Math.ceil((last - first) / count));
  const ticks: number[] = [];
  for (let power = first; power <= last; power += every) ticks.push(powerOfTen(power));
  return ticks;
}

/** Further decades have no lines between their powers of ten. */
const MOST_DECADES = 12;

/** The lines of a logarithmic grid: each of the nine of a decade, as long as the decades are few. */
export function logGrid(from: number, to: number): number[] {
  if (!isLogarithmic(from, to)) return [];
  return Math.log10(to) - Math.log10(from) > MOST_DECADES ? [] : decadeTicks(from, to, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

function isLogarithmic(from: number, to: number): boolean {
  return from > 0 && from < to && to < Number.POSITIVE_INFINITY;
}

function decadeTicks(from: number, to: number, digits: readonly number[]): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to) + 1e-9; power += 1) {
    for (const digit of digits) {
      const tick = Number((digit * powerOfTen(power)).toPrecision(DIGITS));
      if (tick >= from * (1 - 1e-9) && tick <= to * (1 + 1e-9)) ticks.push(tick);
    }
  }
  return ticks;
}

/** As it is written: `10 ** -24` is not quite 1e-24. */
function powerOfTen(power: number): number {
  return Number(`1e${power}`);
}

/** Compact words keep so many digits. */
const COMPACT_DIGITS = 4;

/** The words at `ticks`: compact ones, but all digits where no fewer tell the ticks apart. */
export function tickWords(ticks: readonly number[]): string[] {
  const some = ticks.filter((tick) => tick !== 0);
  const digits = Math.max(1, ...some.map(digitsOf));
  if (digits <= COMPACT_DIGITS) return ticks.map(formatCompact);
  const powers = some.map((tick) => Math.floor(Math.log10(Math.abs(tick))));
  const decimals = Math.max(0, ...some.map((tick, at) => digitsOf(tick) - 1 - (powers[at] ?? 0)));
  if (Math.max(...powers) > DIGITS || decimals > DIGITS) {
    return ticks.map((tick) => tidyExponent(tick.toExponential(digits - 1)));
  }
  return ticks.map((tick) => {
    const [whole = "", part] = tick.toFixed(decimals).split(".");
    return minus(part === undefined ? grouped(whole) : `${grouped(whole)}.${part}`);
  });
}

/** The fewest digits that write `value`. */
function digitsOf(value: number): number {
  for (let digits = 1; digits < DIGITS; digits += 1) if (Number(value.toPrecision(digits)) === value) return digits;
  return DIGITS;
}
