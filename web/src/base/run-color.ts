/** Which colour a run has among others: its own if it is free, so that it keeps it from page to page. */

/** How many hues there are, and how many ways to draw each: solid, then dashed. */
const HUES = 7;
const WAYS = 2;

/** How many lines can be told apart before they come round. */
export const SLOTS = HUES * WAYS;

/** The colour that the run would have if it were alone. */
export function ownSlot(runId: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < runId.length; at += 1) hash = Math.imul(hash ^ runId.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % HUES;
}

/**
 * A colour for each of `runIds`, which stand in the order of their creation.
 *
 * A run has its own colour unless an older one took it; then the next that is free. So a newer run never changes the
 * colour of an older one, and no two are alike before all colours are used. Dashes begin when the hues have run out.
 */
export function colorSlots(runIds: readonly string[]): ReadonlyMap<string, number> {
  const slots = new Map<string, number>();
  let taken = new Set<number>();
  let way = 0;
  for (const id of runIds) {
    if (slots.has(id)) continue;
    if (taken.size === HUES) {
      taken = new Set();
      way = (way + 1) % WAYS;
    }
    let hue = ownSlot(id);
    while (taken.has(hue)) hue = (hue + 1) % HUES;
    taken.add(hue);
    slots.set(id, way * HUES + hue);
  }
  return slots;
}
