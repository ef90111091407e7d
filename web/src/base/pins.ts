/** Texts that are pinned to places of an x axis: where each stands, so that none lies over another. Pure. */

/** A text that is pinned to a place of the x axis. */
export interface Pin {
  readonly x: number;
  readonly text: string;
  /** #rrggbb. */
  readonly color: string;
}

export interface PlacedPin extends Pin {
  /** Where its line stands. */
  readonly place: number;
  /** Where the ground of its text begins, how wide it is, and in which row from the top it lies. */
  readonly start: number;
  readonly width: number;
  readonly row: number;
}

interface Plot {
  readonly left: number;
  readonly right: number;
  /** Of one pixel, in the units of `left` and `right`. */
  readonly pixel: number;
  readonly placeOf: (x: number) => number;
  readonly widthOf: (words: string) => number;
}

export const PIN_ROW = 13;
/** Letters of a pinned text; the rest is in the list of them. */
const PINNED_LETTERS = 28;
/** Texts that would lie over each other stand in so many rows. */
const PIN_ROWS = 4;

/** The pins within the plot, from left to right, with shortened texts. */
export function placePins(pins: readonly Pin[], { left, right, pixel, placeOf, widthOf }: Plot): PlacedPin[] {
  const ends: number[] = [];
  const placed: PlacedPin[] = [];
  for (const pin of [...pins].sort((a, b) => a.x - b.x)) {
    const place = placeOf(pin.x);
    if (!(place >= left && place <= right)) continue;
    const text = pin.text.length > PINNED_LETTERS ? `${pin.text.slice(0, PINNED_LETTERS - 1)}…` : pin.text;
    const width = widthOf(text) + 6 * pixel;
    // A text that would leave the chart at its right stands at the left of its line.
    const start = place + width > right ? place - width : place + 3 * pixel;
    const free = ends.findIndex((end) => end <= start);
    const row = free >= 0 ? free : ends.length < PIN_ROWS ? ends.length : 0;
    ends[row] = start + width;
    placed.push({ ...pin, text, place, start, width, row });
  }
  return placed;
}
