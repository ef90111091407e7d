/**
 * Colours of lines, told apart by people with any kind of colour vision: blue, rust, green, pink, amber, sky, slate.
 *
 * The test beside this computes how far apart they are for eyes that lack one kind of cone; whoever changes one of
 * them runs it.
 */

const ON_LIGHT = ["#105694", "#b24200", "#00864e", "#ce568f", "#c48400", "#2298e3", "#484e53"] as const;
const ON_DARK = ["#3aabf8", "#e37a41", "#59f5c6", "#c37cb1", "#ffd253", "#bae1ff", "#9a927f"] as const;

/** The colour of the `index`th line; repeats after seven. */
export function lineColor(index: number, dark: boolean): string {
  const palette = dark ? ON_DARK : ON_LIGHT;
  return palette[index % palette.length] ?? palette[0];
}

/** Dashes of the `index`th line, so that a colour that comes round is told apart; empty for a solid line. */
export function lineDash(index: number): readonly number[] {
  return DASHES[Math.floor(index / ON_LIGHT.length) % DASHES.length] ?? [];
}

const DASHES: readonly (readonly number[])[] = [[], [6, 3]];

/** `hex` (#rrggbb) with an opacity between 0 and 1. */
export function withAlpha(hex: string, alpha: number): string {
  const byte = Math.round(Math.min(1, Math.max(0, alpha)) * 255);
  return `${hex}${byte.toString(16).padStart(2, "0")}`;
}
