/** What one looks at on a page of charts, as its address says it, and whose lines are drawn. */

import type { Run } from "#api/types.ts";
import type { Band, XAxis } from "#base/line.ts";
import type { Smoothing } from "#base/smooth.ts";
import type { FoldedView } from "#widgets/toggled.ts";

export interface ChartsView extends FoldedView {
  readonly filter?: string | undefined;
  /** The chart that fills the page. */
  readonly path?: string | undefined;
  readonly x?: XAxis | undefined;
  /** The series that is the x axis, where `x` is `series`. */
  readonly over?: string | undefined;
  /** As `smoothingText` writes it. */
  readonly smoothing?: string | undefined;
  readonly log?: boolean | undefined;
  readonly logx?: boolean | undefined;
  readonly robust?: boolean | undefined;
  /** Whether a zoom is of all charts. */
  readonly together?: boolean | undefined;
  /** As `zoom.ts` writes them. */
  readonly zoom?: readonly string[] | undefined;
  readonly band?: Band | undefined;
  /** Expressions over series, as `expression.ts` reads them, a chart for each. */
  readonly expr?: readonly string[] | undefined;
}

/** How all panels of a page draw. */
export interface ChartStyle {
  readonly xAxis: XAxis;
  /** The series that is the x axis; null for steps and times. */
  readonly over: string | null;
  readonly smoothing: Smoothing;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly robust: boolean;
  readonly band: Band;
}

/** A run whose lines are drawn. */
export interface DrawnRun {
  readonly run: Run;
  readonly label: string;
  /** Its place among the colours. */
  readonly slot: number;
}

/** Runs that are drawn as one line. */
export interface DrawnGroup {
  readonly name: string;
  readonly slot: number;
  readonly runIds: readonly string[];
}

export interface Drawn {
  readonly runs: readonly DrawnRun[];
  /** Null draws each run. */
  readonly groups: readonly DrawnGroup[] | null;
}
