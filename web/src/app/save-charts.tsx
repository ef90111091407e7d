/** Joins a page of charts to the dashboards that are made of it. */

import { useNavigate } from "@tanstack/react-router";
import { smoothingText } from "#base/smooth.ts";
import type { ChartStyle, Drawn } from "#features/charts/view.ts";
import { SaveCharts } from "#features/dashboards/save-charts.tsx";
import type { ChartsSearch } from "./search.ts";

interface SaveChartsOfProps {
  readonly project: string;
  readonly drawn: Drawn;
  /** The paths that the filter leaves. */
  readonly paths: readonly string[];
  readonly look: ChartStyle;
  readonly search: ChartsSearch;
}

export function SaveChartsOf({ project: full, drawn, paths, look, search }: SaveChartsOfProps) {
  const navigate = useNavigate();
  const [workspace = "", project = ""] = full.split("/");
  const { xAxis, smoothing, logX, logY, robust } = look;
  const leftOut = [
    ...(drawn.groups === null ? [] : ["groups of runs"]),
    ...(search.expr === undefined ? [] : ["expressions"]),
    ...(xAxis === "series" ? ["the series that is the axis"] : []),
    ...(search.zoom === undefined ? [] : ["zooms"]),
  ];
  return (
    <SaveCharts
      project={full}
      shown={{
        paths,
        filter: search.filter ?? "",
        x: xAxis,
        smoothing: smoothingText(smoothing) ?? "",
        log: logY,
        logx: logX,
        robust,
      }}
      runs={drawn.runs.map(({ run }) => run.id)}
      leftOut={leftOut}
      onMade={(name) =>
        void navigate({ to: "/$workspace/$project/dashboards/$name", params: { workspace, project, name } })
      }
    />
  );
}
