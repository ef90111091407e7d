/** Annotations of the drawn runs: which there are, and where they stand on the x axis of a chart. */

import { createContext } from "react";
import type { AnnotationsOfRuns } from "#api/annotations.ts";
import type { Line, XAxis } from "#base/line.ts";
import type { Pin } from "#base/pins.ts";
import type { Curve } from "#widgets/line-paint.ts";

/** What the panels of a page show; none where nobody says so. */
export const AnnotationsContext = createContext<AnnotationsOfRuns>(new Map());

/** The pins of the runs whose curves are drawn. */
export function pinsOf(curves: readonly Curve[], annotations: AnnotationsOfRuns, xAxis: XAxis): Pin[] {
  return curves.flatMap(({ id, color, line }) =>
    (annotations.get(id) ?? []).flatMap(({ step, text }): Pin[] => {
      const x = xAxis === "step" ? step : placeOfStep(line, step);
      return x === null ? [] : [{ x, text, color }];
    }),
  );
}

/** Where the first place stands that reaches `step`; null if the line ends before. */
function placeOfStep({ x, stepLast }: Line, step: number): number | null {
  for (let at = 0; at < x.length; at += 1) if ((stepLast[at] ?? Number.NaN) >= step) return x[at] ?? null;
  return null;
}
