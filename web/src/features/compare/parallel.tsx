/** Runs as lines across axes, one axis for each parameter or result; brushes on the axes keep the runs within. */

import { Button, Switch } from "@mantine/core";
import { type ReactNode, useMemo, useState } from "react";
import { useChosenPaths, useValuesAt } from "#api/comparison.ts";
import { useColumns } from "#api/queries.ts";
import type { AttributeInfo, Run } from "#api/types.ts";
import { lineColor } from "#base/color.ts";
import { useDark } from "#widgets/dark.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { singlingOut, useHighlight } from "#widgets/highlight.ts";
import { CloseIcon } from "#widgets/icons.tsx";
import { PathSelect } from "#widgets/path-select.tsx";
import { type Axis, axisOf, type Brush, brushesOf, isWithin, withBrush } from "./axes.ts";
import { BrushFields } from "./brush-fields.tsx";
import type { ComparedRun, CompareView } from "./compare-page.tsx";
import styles from "./parallel.module.css";
import { ParallelPlot } from "./parallel-plot.tsx";

interface ParallelProps {
  readonly project: string;
  readonly compared: readonly ComparedRun[];
  readonly view: CompareView;
  readonly onView: (patch: CompareView) => void;
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
}

const NO_CELLS: ReadonlyMap<string, AttributeInfo> = new Map();
const NO_VALUES: ReadonlyMap<string, ReadonlyMap<string, AttributeInfo>> = new Map();
const NO_PATHS: readonly string[] = [];

export function Parallel({ project, compared, view, onView, runLink }: ParallelProps) {
  const runs = useMemo(() => compared.map(({ run }) => run), [compared]);
  const { data: chosen = NO_PATHS } = useChosenPaths(project, view.axes === undefined);
  const paths = view.axes ?? chosen;
  const { data: cells = NO_VALUES, error } = useValuesAt(project, runs, paths);
  const flipped = view.scale ?? NO_PATHS;
  const axes = useMemo(
    () => paths.map((path) => axisOf(path, cells.get(path) ?? NO_CELLS, flipped.includes(path))),
    [paths, cells, flipped],
  );
  const brushes = useMemo(() => brushesOf(view.brush ?? []), [view.brush]);
  const kept = useMemo(
    () => new Set(runs.filter(({ id }) => isWithin(id, axes, brushes)).map(({ id }) => id)),
    [runs, axes, brushes],
  );
  const brush = (path: string, next: Brush | null) => onView({ brush: withBrush(view.brush ?? [], path, next) });
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <AddAxis project={project} paths={paths} onAdd={(path) => onView({ axes: [...paths, path] })} />
        <span className={styles.words} data-testid="within" aria-live="polite">
          {brushes.length === 0 ? "Drag along an axis to keep the runs within." : `${kept.size} of ${runs.length} runs`}
        </span>
        {brushes.length > 0 && (
          <>
            <Button size="compact-xs" variant="default" onClick={() => onView({ brush: undefined })}>
              Clear
            </Button>
            {kept.size > 0 && kept.size < runs.length && (
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => onView({ runs: [...kept].join(","), brush: undefined })}
              >
                Compare only these
              </Button>
            )}
          </>
        )}
      </div>
      {error !== null && <ErrorState error={error} />}
      {error === null && paths.length === 0 && (
        <EmptyState title="Choose attributes as axes">
          Parameters at the left and results at the right read best.
        </EmptyState>
      )}
      {paths.length > 0 && (
        <ParallelPlot axes={axes} compared={compared} brushes={brushes} kept={kept} onBrush={brush} />
      )}
      {paths.length > 0 && (
        <div className={styles.below}>
          <AxisFields axes={axes} brushes={brushes} view={view} onView={onView} onBrush={brush} />
          <KeptRuns compared={compared} kept={kept} runLink={runLink} />
        </div>
      )}
    </div>
  );
}

interface AddAxisProps {
  readonly project: string;
  readonly paths: readonly string[];
  readonly onAdd: (path: string) => void;
}

function AddAxis({ project, paths, onAdd }: AddAxisProps) {
  const [search, setSearch] = useState("");
  const { data } = useColumns(project, search, true);
  const options = [
    ...new Set((data?.columns ?? []).filter(({ kind }) => SHOWN.includes(kind)).map(({ path }) => path)),
  ];
  return (
    <PathSelect
      label="Add an axis"
      placeholder="Add an axis"
      className={styles.select}
      testId="add-axis"
      value={null}
      options={options.filter((path) => !paths.includes(path))}
      onSearch={setSearch}
      onChange={(path) => path !== null && onAdd(path)}
    />
  );
}

const SHOWN: readonly string[] = ["int", "float", "bool", "string", "string_set", "float_series"];

interface AxisFieldsProps {
  readonly axes: readonly Axis[];
  readonly brushes: readonly Brush[];
  readonly view: CompareView;
  readonly onView: (patch: CompareView) => void;
  readonly onBrush: (path: string, brush: Brush | null) => void;
}

/** What a pointer does on the axes, for the keyboard: ranges, scales, order. */
function AxisFields({ axes, brushes, view, onView, onBrush }: AxisFieldsProps) {
  const flipped = view.scale ?? NO_PATHS;
  const paths = axes.map(({ path }) => path);
  const move = (at: number, by: number) => {
    const next = [...paths];
    const [path] = next.splice(at, 1);
    if (path !== undefined) next.splice(at + by, 0, path);
    onView({ axes: next });
  };
  const flip = (path: string) => {
    const next = flipped.includes(path) ? flipped.filter((each) => each !== path) : [...flipped, path];
    onView({ scale: next.length === 0 ? undefined : next });
  };
  return (
    <section className={styles.fields} aria-label="Axes">
      <h2 className={styles.heading}>Ranges</h2>
      {axes.map((axis, at) => (
        <fieldset key={axis.path} className={styles.field} data-testid="axis-field" data-path={axis.path}>
          <legend>{axis.path}</legend>
          <BrushFields
            key={axis.kind}
            axis={axis}
            brush={brushes.find(({ path }) => path === axis.path) ?? null}
            onBrush={(brush) => onBrush(axis.path, brush)}
          />
          {axis.kind !== "words" && (
            <Switch
              size="xs"
              label="Log"
              checked={axis.kind === "log"}
              disabled={!axis.mayBeLog}
              aria-label={`Logarithmic axis of ${axis.path}`}
              onChange={() => flip(axis.path)}
            />
          )}
          <span className={styles.order}>
            <button
              type="button"
              disabled={at === 0}
              aria-label={`Move ${axis.path} left`}
              onClick={() => move(at, -1)}
            >
              ←
            </button>
            <button
              type="button"
              disabled={at === axes.length - 1}
              aria-label={`Move ${axis.path} right`}
              onClick={() => move(at, 1)}
            >
              →
            </button>
            <button
              type="button"
              aria-label={`Take the axis ${axis.path} away`}
              onClick={() => {
                onView({
                  axes: paths.filter((path) => path !== axis.path),
                  brush: withBrush(view.brush ?? [], axis.path, null),
                });
              }}
            >
              <CloseIcon size={11} />
            </button>
          </span>
        </fieldset>
      ))}
    </section>
  );
}

const MOST_LISTED = 100;

interface KeptRunsProps {
  readonly compared: readonly ComparedRun[];
  readonly kept: ReadonlySet<string>;
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
}

function KeptRuns({ compared, kept, runLink }: KeptRunsProps) {
  const dark = useDark();
  const highlight = useHighlight();
  const shown = compared.filter(({ run }) => kept.has(run.id));
  return (
    <section className={styles.kept} aria-label="Runs within">
      <h2 className={styles.heading}>Runs within</h2>
      <ul>
        {shown.slice(0, MOST_LISTED).map(({ run, label, slot }) => (
          <li key={run.id} data-testid="kept-run" {...singlingOut(highlight, run.id)}>
            <span className={styles.swatch} style={{ background: lineColor(slot, dark) }} />
            {runLink(run, label)}
          </li>
        ))}
      </ul>
      {shown.length > MOST_LISTED && <p className={styles.words}>and {shown.length - MOST_LISTED} more</p>}
      {shown.length === 0 && <p className={styles.words}>No run lies within all ranges.</p>}
    </section>
  );
}
