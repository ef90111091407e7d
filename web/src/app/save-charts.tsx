/** Joins a page of charts to the dashboards that are made of it. */

import { useNavigate } from "@tanstack/react-router";
import { smoothingText } from "#base/smooth.ts";
import type { ChartStyle, Drawn } from "#features/charts/view.ts";
import { SaveCharts } from "#features/dashboards/save-charts.tsx";
import { zoomsOfPage } from "./dashboard-zoom.ts";
import type { ChartsSearch, CompareSearch } from "./search.ts";

interface SaveChartsOfProps {
  readonly project: string;
  readonly drawn: Drawn;
  /** The paths that the filter leaves. */
  readonly paths: readonly string[];
  readonly look: ChartStyle;
  readonly search: ChartsSearch & Pick<CompareSearch, "group" | "band" | "legend">;
}

export function SaveChartsOf({ project: full, drawn, paths, look, search }: SaveChartsOfProps) {
  const navigate = useNavigate();
  const [workspace = "", project = ""] = full.split("/");
  const { xAxis, over, smoothing, logX, logY, robust } = look;
  const zoomed = { addresses: search.zoom ?? [], isTogether: search.together === true, x: xAxis, paths };
  return (
    <SaveCharts
      project={full}
      shown={{
        paths,
        filter: search.filter ?? "",
        expressions: [...new Set(search.expr)],
        x: xAxis,
        over,
        zoomsOf: (show) => zoomsOfPage(show, zoomed),
        smoothing: smoothingText(smoothing) ?? "",
        log: logY,
        logx: logX,
        robust,
        group: drawn.groups === null ? "" : (search.group ?? ""),
        band: look.band,
        legend: search.legend ?? [],
      }}
      runs={drawn.runs.map(({ run }) => run.id)}
      onMade={(name) =>
        void navigate({ to: "/$workspace/$project/dashboards/$name", params: { workspace, project, name } })
      }
    />
  );
}
