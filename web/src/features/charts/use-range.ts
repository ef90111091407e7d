/** What the panels of a page ask for while they are zoomed. */

import { useMemo } from "react";
import type { SeriesRange } from "#base/series-range.ts";
import type { Drawn } from "./view.ts";
import { rangeOf, type Zoom } from "./zoom.ts";

/** The stretch that `zoom` asks for of these runs, null for all; the same object as long as it is the same stretch. */
export function useRange(zoom: Zoom | null, { runs }: Drawn): SeriesRange | null {
  const origin = runs.length === 1 ? (runs[0]?.run.created_at ?? null) : null;
  const { by = "step", first = null, last = null } = zoom === null ? {} : rangeOf(zoom, origin);
  return useMemo(() => (first === null || last === null ? null : { by, first, last }), [by, first, last]);
}
