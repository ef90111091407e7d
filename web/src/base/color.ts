/** Colours of lines, told apart by people with any kind of colour vision (after Okabe and Ito). */

const ON_LIGHT = ["#0072b2", "#d55e00", "#00835f", "#b4538f", "#a87400", "#2a8fc7", "#5d5d5d"] as const;
const ON_DARK = ["#4db2ec", "#ff8f4a", "#2fc79b", "#e69ac8", "#f0c14b", "#8fd3ff", "#b9b9b9"] as const;

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
