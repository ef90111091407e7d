/** Which stretch a chart of a dashboard shows: what the address says, else what is kept with its panel. Pure. */

import type { XAxis } from "#base/line.ts";
import { ALL, addressOf, withZoom, type Zoom, zoomOf } from "#features/charts/zoom.ts";
import type { DashboardPanel } from "#features/dashboards/dashboard.ts";

/** A chart of a dashboard. */
export interface ZoomedChart {
  readonly panel: Pick<DashboardPanel, "show" | "zoom">;
  /** The panel's among the others, from 0. */
  readonly place: number;
  /** The series or the expression. */
  readonly path: string;
  readonly x: XAxis;
}

/** A dashboard can have the same series twice. */
export function nameOfChart({ place, path }: Pick<ZoomedChart, "place" | "path">): string {
  return `${place}:${path}`;
}

/** What is kept with the panel. */
export function keptZoom({ panel, path, x }: ZoomedChart): Zoom | null {
  return zoomOf(panel.zoom, path, x) ?? zoomOf(panel.zoom, ALL, x);
}

/** The panel's zooms with that of the chart replaced: of one series of many, or of all that the panel shows. */
export function withKeptZoom({ panel, path, x }: ZoomedChart, zoom: Zoom | null): readonly string[] {
  const isOwn = "filter" in panel.show && zoomOf(panel.zoom, ALL, x) === null;
  return withZoom(panel.zoom, isOwn ? path : ALL, zoom === null ? null : shortened(zoom)) ?? [];
}

/** A millionth of what is shown is less than a pixel, and a dashboard holds so many characters and no more. */
const DIGITS = 6;
const MOST_DECIMALS = 20;

function shortened(zoom: Zoom): Zoom {
  const near = (value: number, width: number) => {
    const decimals = Math.ceil(DIGITS - Math.log10(width));
    return decimals > MOST_DECIMALS ? value : Number(value.toFixed(Math.max(0, decimals)));
  };
  const { from, to, first, last } = zoom;
  const [shown, asked] = [to - from, last - first];
  return { ...zoom, from: near(from, shown), to: near(to, shown), first: near(first, asked), last: near(last, asked) };
}

/** What the chart shows under this address; null for all. */
export function shownZoom(addresses: readonly string[], chart: ZoomedChart): Zoom | null {
  const name = nameOfChart(chart);
  if (addresses.includes(wholeOf(name))) return null;
  return zoomOf(addresses, name, chart.x) ?? zoomBelow(addresses, chart);
}

/** The address with the zoom of the chart replaced; one that shows all says so where it would be zoomed otherwise. */
export function withShownZoom(addresses: readonly string[], chart: ZoomedChart, zoom: Zoom | null) {
  const name = nameOfChart(chart);
  const others = withZoom(addresses, name, zoom);
  return zoom === null && zoomBelow(addresses, chart) !== null ? [...(others ?? []), wholeOf(name)] : others;
}

/** An address may name the series alone, whichever panel shows it. */
function zoomBelow(addresses: readonly string[], chart: ZoomedChart): Zoom | null {
  return zoomOf(addresses, chart.path, chart.x) ?? keptZoom(chart);
}

/** No axis, so `zoomOf` finds nothing in it, and `withZoom` takes it away. */
function wholeOf(name: string): string {
  return `whole:::::${name}`;
}

/** How a page of charts is zoomed. */
export interface ZoomedPage {
  readonly addresses: readonly string[];
  readonly isTogether: boolean;
  readonly x: XAxis;
  /** The series that are drawn. */
  readonly paths: readonly string[];
}

/** The zooms of a panel that shows what the page does. */
export function zoomsOfPage(show: DashboardPanel["show"], page: ZoomedPage): readonly string[] {
  const { addresses, isTogether, x, paths } = page;
  if ("filter" in show && !isTogether) {
    return paths.flatMap((path) => {
      const zoom = zoomOf(addresses, path, x);
      return zoom === null ? [] : [addressOf(path, shortened(zoom))];
    });
  }
  const own = "path" in show ? show.path : "expression" in show ? show.expression : ALL;
  const axis = "expression" in show && x === "series" ? "step" : x;
  const zoom = zoomOf(addresses, isTogether ? ALL : own, axis);
  return zoom === null ? [] : [addressOf(ALL, shortened(zoom))];
}
