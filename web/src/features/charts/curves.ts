/** What the server answered, as the lines of a chart. Pure. */

import type { ChartData } from "#api/charts.ts";
import { lineColor, lineDash } from "#base/color.ts";
import { type LineOptions, lineOf, lineOfCross, lineOfGroup } from "#base/line.ts";
import type { SeriesRange } from "#base/series-range.ts";
import type { Curve } from "#widgets/line-paint.ts";
import type { ChartStyle, Drawn } from "./view.ts";

/** The lines of what is drawn `within` a stretch, in its order; those without a point are left out. */
export function curvesOf(
  data: ChartData,
  { runs, groups }: Drawn,
  look: ChartStyle,
  dark: boolean,
  within: SeriesRange | null,
): Curve[] {
  const options = (origin: number): LineOptions => ({
    xAxis: look.xAxis,
    origin,
    smoothing: look.smoothing,
    logX: look.logX,
    logY: look.logY,
    within,
  });
  const appearance = (slot: number) => ({ color: lineColor(slot, dark), dash: lineDash(slot) });
  const curves =
    groups === null
      ? runs.flatMap(({ run, label, slot }) => {
          // While the answer to a new question is on its way, the one before is here.
          const buckets = look.over === null ? data.buckets.get(run.id) : undefined;
          const crossed = look.over === null ? undefined : data.crossed.get(run.id);
          const drawnAs = options(run.created_at);
          const line = buckets ? lineOf(buckets, drawnAs) : crossed ? lineOfCross(crossed, drawnAs) : null;
          return line === null ? [] : [{ id: run.id, label, line, ...appearance(slot) }];
        })
      : groups.flatMap(({ name, slot }) => {
          const group = data.groups.get(name);
          if (group === undefined) return [];
          return [
            { id: `group ${name}`, label: name, line: lineOfGroup(group, look.band, options(0)), ...appearance(slot) },
          ];
        });
  return curves.filter(({ line }) => line.x.length > 0 || line.hidden > 0);
}
