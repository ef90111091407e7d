/** Moments and stretches of time for people. All times are milliseconds since 1970-01-01 UTC. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A stretch in its two largest units: `1h 04m`, `3m 20s`, `12s`, `2d 3h`. */
export function formatDuration(milliseconds: number): string {
  const left = Math.max(0, milliseconds);
  if (left < SECOND) return `${Math.round(left)}ms`;
  const seconds = Math.floor(left / SECOND);
  if (left < MINUTE) return `${seconds}s`;
  if (left < HOUR) return `${Math.floor(left / MINUTE)}m ${two(seconds % 60)}s`;
  const minutes = Math.floor(left / MINUTE);
  if (left < DAY) return `${Math.floor(left / HOUR)}h ${two(minutes % 60)}m`;
  return `${Math.floor(left / DAY)}d ${Math.floor(left / HOUR) % 24}h`;
}

/** A stretch in seconds as the tick of an axis says it, to the last digit: `2d 3h 20m`, `1m 40s`, `0.25s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0) return `−${formatSeconds(-seconds)}`;
  // What a float64 of many seconds keeps of the fractions of one.
  const all = Math.round(seconds * 1e6) / 1e6;
  const left = Math.round((all % 60) * 1e6) / 1e6;
  if (all < 0.001) return `${all === 0 ? seconds : all}s`;
  const units = [
    [Math.floor(all / 86_400), "d"],
    [Math.floor(all / 3600) % 24, "h"],
    [Math.floor(all / 60) % 60, "m"],
    [left, "s"],
  ] as const;
  return units.flatMap(([count, unit]) => (count === 0 ? [] : [`${count}${unit}`])).join(" ");
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** How long ago `time` was: `now`, `42s ago`, `5m ago`, `3h ago`, `6d ago`, then the date. */
export function formatAgo(time: number, now: number): string {
  const past = now - time;
  if (past < 5 * SECOND) return "now";
  if (past < MINUTE) return `${Math.floor(past / SECOND)}s ago`;
  if (past < HOUR) return `${Math.floor(past / MINUTE)}m ago`;
  if (past < DAY) return `${Math.floor(past / HOUR)}h ago`;
  if (past < 30 * DAY) return `${Math.floor(past / DAY)}d ago`;
  return formatDate(time);
}

/** `2026-03-14` in the reader's time zone. */
export function formatDate(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** `2026-03-14 15:09:26` in the reader's time zone. */
export function formatMoment(time: number): string {
  const date = new Date(time);
  return `${formatDate(time)} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `15:09:26` in the reader's time zone. */
export function formatClock(time: number): string {
  return formatMoment(time).slice(11);
}
