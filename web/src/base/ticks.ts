/** Round places for the ticks of an axis. Pure. */

const ROUND = [1, 2, 2.5, 5, 10];

/** About `count` round numbers within `[from, to]`. */
export function roundTicks(from: number, to: number, count: number): number[] {
  if (!(from < to) || count < 1) return [];
  const raw = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * (ROUND.find((round) => round * power >= raw * (1 - 1e-9)) ?? 10);
  const ticks: number[] = [];
  for (let index = Math.ceil(from / step - 1e-9); index * step <= to + step * 1e-9; index += 1) {
    ticks.push(Number((index * step).toPrecision(12)));
  }
  return ticks;
}

/** Powers of ten within `[from, to]`, as few as `count` if they are many; round numbers if there are less than two. */
export function logTicks(from: number, to: number, count: number): number[] {
  const first = Math.ceil(Math.log10(from) - 1e-9);
  const last = Math.floor(Math.log10(to) + 1e-9);
  if (last - first < 1) return roundTicks(from, to, count).filter((tick) => tick > 0);
  const every = Math.max(1, Math.ceil((last - first) / count));
  const ticks: number[] = [];
  for (let power = first; power <= last; power += every) ticks.push(Number((10 ** power).toPrecision(12)));
  return ticks;
}
