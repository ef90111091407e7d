/** Which rows of a tree are asked for. Pure. */

import type { Kind } from "./types.ts";

/** Which tree of a run; the server says what each of these means. */
export interface TreeQuestion {
  /** None: all kinds. */
  readonly kinds: readonly Kind[];
  readonly search: string;
  /** Folders are open while there are at most so many attributes. */
  readonly openUpTo: number;
  /** Folders that are closed where others are open, or open where others are closed. */
  readonly toggled: readonly string[];
  /** The folder of which this is the tree; all without it. */
  readonly below?: string;
}

export const ROWS_AT_ONCE = 200;

/** A window begins at a multiple of one of these, so that it need not be asked for anew with every row one scrolls. */
const STRIDES = [100, 50, 20, 10];

/** Where the rows begin that are asked for when those from `first` to `last` are on the screen: it holds all of them. */
export function windowStart(first: number, last: number): number {
  const room = ROWS_AT_ONCE - (last - first + 1);
  const stride = STRIDES.find((each) => each <= room) ?? 1;
  return Math.floor(first / stride) * stride;
}
