/** Which colour a run has among others: its own if it is free, so that it keeps it from page to page. */

/** How many colours there are before they come round. */
export const SLOTS = 14;

/** The colour that the run would have if it were alone. */
export function ownSlot(runId: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < runId.length; at += 1) hash = Math.imul(hash ^ runId.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % SLOTS;
}

/**
 * A colour for each of `runIds`, which stand in the order of their creation.
 *
 * A run has its own colour unless an older one took it; then the next that is free. So a newer run never changes the
 * colour of an older one, and no two are alike before all colours are used.
 */
export function colorSlots(runIds: readonly string[]): ReadonlyMap<string, number> {
  const slots = new Map<string, number>();
  const taken = new Set<number>();
  for (const id of runIds) {
    if (slots.has(id)) continue;
    if (taken.size === SLOTS) taken.clear();
    let slot = ownSlot(id);
    while (taken.has(slot)) slot = (slot + 1) % SLOTS;
    taken.add(slot);
    slots.set(id, slot);
  }
  return slots;
}
