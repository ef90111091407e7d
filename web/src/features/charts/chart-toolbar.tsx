/** What all charts of a page have in common: filter, axes, smoothing. */

import { Button, Popover, Select, Slider, Switch } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useState } from "react";
import type { AnnotationsOfRuns } from "#api/annotations.ts";
import { type SeriesQuestion, useFoundPaths } from "#api/series-paths.ts";
import { X_AXES, type XAxis } from "#base/line.ts";
import { isSmooth, MOST, SMOOTHINGS, type Smoothing, type SmoothingKind, smoothingText } from "#base/smooth.ts";
import { PathSelect } from "#widgets/path-select.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import styles from "./series-panels.module.css";
import type { ChartStyle, ChartsView, Drawn } from "./view.ts";

const AnnotateMenu = lazy(() => import("./annotate-menu.tsx").then((m) => ({ default: m.AnnotateMenu })));

interface ChartToolbarProps {
  readonly view: ChartsView;
  readonly look: ChartStyle;
  readonly defaultX: XAxis;
  readonly series: SeriesQuestion;
  /** Why the server refuses the filter; null: it does not. */
  readonly refusal: string | null;
  /** Groups are drawn over steps and over nothing else. */
  readonly isGrouped: boolean;
  readonly onView: (patch: ChartsView) => void;
  readonly onExpression: () => void;
  readonly drawn: Drawn;
  readonly annotations: AnnotationsOfRuns;
  readonly children?: ReactNode;
}

const X_WORDS: Readonly<Record<XAxis, string>> = {
  step: "Step",
  relative: "Relative time",
  time: "Wall time",
  series: "Another series",
};

const SMOOTHING_WORDS: Readonly<Record<SmoothingKind, string>> = {
  ema: "Exponential",
  average: "Running average",
  gaussian: "Gaussian",
};

export function ChartToolbar(props: ChartToolbarProps) {
  const { view, look, defaultX, series, refusal, isGrouped, onView, onExpression, drawn, annotations } = props;
  return (
    <div className={styles.toolbar} role="toolbar" aria-label="Charts">
      <div className={styles.filter}>
        <SearchInput
          value={view.filter ?? ""}
          // A filter is about what is found, so all that is found is shown, whatever was closed before.
          onChange={(text) => onView({ filter: text || undefined, folded: undefined })}
          label="Filter charts"
          placeholder="Filter charts: words, or /regex/"
          testId="charts-filter"
        />
        {refusal !== null && (
          <p className={styles.problem} role="alert">
            {refusal}
          </p>
        )}
      </div>
      <Select
        size="xs"
        className={styles.axis ?? ""}
        aria-label="Horizontal axis"
        data-testid="x-axis"
        value={look.xAxis}
        disabled={isGrouped}
        allowDeselect={false}
        withCheckIcon={false}
        data={X_AXES.map((value) => ({ value, label: X_WORDS[value] }))}
        onChange={(value) => {
          const x = X_AXES.find((name) => name === value) ?? "step";
          onView({ x: x === defaultX ? undefined : x });
        }}
      />
      {view.x === "series" && !isGrouped && <OverSelect series={series} view={view} onView={onView} />}
      <SmoothingControl smoothing={look.smoothing} onView={onView} />
      <Button size="xs" variant="default" data-testid="add-expression" onClick={onExpression}>
        Expression
      </Button>
      <Suspense>
        <AnnotateMenu runs={drawn.runs} annotations={annotations} />
      </Suspense>
      <Popover position="bottom-end" withinPortal transitionProps={{ duration: 0 }} trapFocus>
        <Popover.Target>
          <Button size="xs" variant="default" data-testid="chart-options">
            Options
          </Button>
        </Popover.Target>
        <Popover.Dropdown className={styles.options ?? ""}>
          <Option label="Logarithmic y" on={look.logY} onChange={(log) => onView({ log })} />
          <Option label="Logarithmic x" on={look.logX} onChange={(logx) => onView({ logx })} />
          <Option label="Leave out outliers" on={look.robust} onChange={(robust) => onView({ robust })} />
          <Option
            label="Zoom all charts together"
            on={view.together ?? false}
            onChange={(together) => onView({ together, zoom: undefined })}
          />
        </Popover.Dropdown>
      </Popover>
      {props.children}
    </div>
  );
}

interface OptionProps {
  readonly label: string;
  readonly on: boolean;
  readonly onChange: (on: true | undefined) => void;
}

function Option({ label, on, onChange }: OptionProps) {
  return (
    <Switch
      size="xs"
      label={label}
      checked={on}
      onChange={(event) => onChange(event.currentTarget.checked || undefined)}
    />
  );
}

/** A list of thousands of paths is not looked through but searched. */
const MOST_OPTIONS = 50;

interface OverSelectProps {
  readonly series: SeriesQuestion;
  readonly view: ChartsView;
  readonly onView: (patch: ChartsView) => void;
}

function OverSelect({ series, view, onView }: OverSelectProps) {
  const [search, setSearch] = useState("");
  const { data: options = [] } = useFoundPaths(series, search, MOST_OPTIONS);
  return (
    <PathSelect
      label="Series of the horizontal axis"
      placeholder="Choose a series"
      className={styles.over}
      testId="x-series"
      value={view.over ?? null}
      options={options}
      onSearch={setSearch}
      onChange={(over) => onView({ over: over ?? undefined, zoom: undefined })}
    />
  );
}

interface SmoothingControlProps {
  readonly smoothing: Smoothing;
  readonly onView: (patch: ChartsView) => void;
}

/** The slider of points goes by powers, so that 3 is as easy to choose as 300. */
const POWER = 3;

function SmoothingControl({ smoothing, onView }: SmoothingControlProps) {
  // The slider moves at once; the address follows when it is let go.
  const [sliding, setSliding] = useState<number | null>(null);
  const shown: Smoothing = sliding === null ? smoothing : { ...smoothing, amount: amountAt(smoothing.kind, sliding) };
  const tell = (next: Smoothing) => onView({ smoothing: isSmooth(next) ? smoothingText(next) : undefined });
  return (
    <div className={styles.smoothing}>
      <Select
        size="xs"
        className={styles.kind ?? ""}
        aria-label="Kind of smoothing"
        value={smoothing.kind}
        allowDeselect={false}
        withCheckIcon={false}
        data={SMOOTHINGS.map((value) => ({ value, label: SMOOTHING_WORDS[value] }))}
        onChange={(value) => {
          const kind = SMOOTHINGS.find((name) => name === value) ?? "ema";
          tell({ kind, amount: kind === "ema" ? 0.6 : 10 });
        }}
      />
      <Slider
        className={styles.slider ?? ""}
        size="sm"
        min={0}
        max={1}
        step={0.01}
        value={sliding ?? placeOf(smoothing)}
        label={null}
        thumbLabel="Smoothing"
        onChange={setSliding}
        onChangeEnd={(place) => {
          setSliding(null);
          tell({ ...smoothing, amount: amountAt(smoothing.kind, place) });
        }}
      />
      <output className={styles.amount}>
        {shown.kind === "ema" ? shown.amount.toFixed(2) : `${shown.amount} pts`}
      </output>
    </div>
  );
}

function amountAt(kind: SmoothingKind, place: number): number {
  return kind === "ema" ? Math.min(place, MOST.ema) : Math.round(place ** POWER * MOST[kind]);
}

function placeOf({ kind, amount }: Smoothing): number {
  return kind === "ema" ? amount : (amount / MOST[kind]) ** (1 / POWER);
}
