/** Several runs beside each other: their lines in the same charts, their attributes in one table. */

import { Tabs } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useLiveComparison } from "#api/charts.ts";
import { useComparedRuns, useValuesAt } from "#api/comparison.ts";
import { type RunGroup, useGroupPaths, useGroups } from "#api/groups.ts";
import { labelsOf, useNamePaths } from "#api/run-labels.ts";
import type { SeriesQuestion } from "#api/series-paths.ts";
import type { Run } from "#api/types.ts";
import type { Change } from "#base/change.ts";
import type { Band } from "#base/line.ts";
import { colorSlots } from "#base/run-color.ts";
import { EmptyState } from "#widgets/empty-state.tsx";
import { GroupChoice } from "#widgets/group-choice.tsx";
import { Highlight, HighlightProvider } from "#widgets/highlight.ts";
import { NameChoice } from "#widgets/name-choice.tsx";
import type { FoldedView } from "#widgets/toggled.ts";
import { Waiting } from "#widgets/waiting.tsx";
import styles from "./compare-page.module.css";
import { Legend } from "./legend.tsx";

const Changes = lazy(() => import("./changes.tsx").then((m) => ({ default: m.Changes })));
const CompareTable = lazy(() => import("./compare-table.tsx").then((m) => ({ default: m.CompareTable })));
const Images = lazy(() => import("./images.tsx").then((m) => ({ default: m.Images })));
const Importance = lazy(() => import("./importance.tsx").then((m) => ({ default: m.Importance })));
const Parallel = lazy(() => import("./parallel.tsx").then((m) => ({ default: m.Parallel })));
const Texts = lazy(() => import("./texts.tsx").then((m) => ({ default: m.Texts })));
const Scatter = lazy(() => import("./scatter.tsx").then((m) => ({ default: m.Scatter })));

const TABS = ["charts", "table", "changes", "texts", "parallel", "importance", "scatter", "images"] as const;
type CompareTab = (typeof TABS)[number];

const TAB_WORDS: Readonly<Record<CompareTab, string>> = {
  charts: "Charts",
  table: "Attributes",
  changes: "What changed?",
  texts: "Texts",
  parallel: "Parallel",
  importance: "What matters?",
  scatter: "Scatter",
  images: "Images",
};

export interface CompareView extends FoldedView {
  readonly runs?: string | undefined;
  readonly tab?: CompareTab | undefined;
  readonly filter?: string | undefined;
  /** The chart that fills the page, or the text that is compared. */
  readonly path?: string | undefined;
  /** What compared values are searched for. */
  readonly values?: string | undefined;
  readonly hidden?: string | undefined;
  readonly group?: string | undefined;
  readonly band?: Band | undefined;
  /** Attributes that name the runs. */
  readonly legend?: readonly string[] | undefined;
  readonly baseline?: string | undefined;
  /** The run that is asked what changed in it since the baseline. */
  readonly after?: string | undefined;
  readonly differ?: boolean | undefined;
  /** The axes of parallel coordinates, those on the scale that they would not choose, and brushes as `axes.ts` writes them. */
  readonly axes?: readonly string[] | undefined;
  readonly scale?: readonly string[] | undefined;
  readonly brush?: readonly string[] | undefined;
  /** The result that parameters explain, what stands for it if it is a series, and whether over all runs. */
  readonly target?: string | undefined;
  readonly measure?: "min" | "max" | "average" | undefined;
  readonly scope?: "all" | undefined;
  /** The images that are shown, and at which step; none is the last. */
  readonly image?: string | undefined;
  readonly step?: number | undefined;
  /** The numbers of the scatter. */
  readonly across?: string | undefined;
  readonly up?: string | undefined;
}

export interface ComparedRun {
  readonly run: Run;
  readonly label: string;
  readonly slot: number;
}

interface ComparePageProps {
  readonly project: string;
  readonly view: CompareView;
  readonly onView: (change: Change<CompareView>) => void;
  /** The charts of what is drawn, which another feature makes. */
  readonly charts: (
    drawn: { readonly runs: readonly ComparedRun[]; readonly groups: readonly RunGroup[] | null },
    series: SeriesQuestion,
  ) => ReactNode;
  /** A link to the page of a run. */
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
}

const NO_VALUES = new Map<string, never>();
const NO_PATHS: readonly string[] = [];

export function ComparePage({ project, view, onView, charts, runLink }: ComparePageProps) {
  const wanted = useMemo(() => listed(view.runs), [view.runs]);
  const { runs, missing, isPending, error } = useComparedRuns(project, wanted);
  const naming = view.legend ?? NO_PATHS;
  const { data: names = NO_VALUES } = useValuesAt(project, runs, naming);
  const compared = useMemo(() => {
    const slots = colorSlots(runs.map(({ id }) => id));
    const labels = labelsOf(runs, naming, names);
    return runs.map((run) => ({ run, label: labels.get(run.id) ?? run.key, slot: slots.get(run.id) ?? 0 }));
  }, [runs, naming, names]);
  const runIds = useMemo(() => runs.map(({ id }) => id), [runs]);
  const highlight = useMemo(() => new Highlight(), []);
  useLiveComparison(project, runIds);
  useEffect(() => {
    document.title = `Compare ${wanted.length} runs · ${project} · Marigram`;
  }, [wanted.length, project]);
  if (wanted.length === 0) {
    return (
      <EmptyState isPage title="No runs are chosen">
        Choose runs in the project's table, then press Compare.
      </EmptyState>
    );
  }
  if (runs.length === 0) {
    if (isPending) return <Waiting />;
    return (
      <EmptyState isPage title="None of these runs can be shown">
        {error?.message ?? "Check the address, or choose runs in the project's table."}
      </EmptyState>
    );
  }
  const remove = (id: string) =>
    onView({ runs: compared.flatMap(({ run }) => (run.id === id ? [] : [run.id])).join(",") || undefined });
  const tab = view.tab ?? "charts";
  const content = () => {
    switch (tab) {
      case "charts":
        return (
          <ComparedCharts
            project={project}
            compared={compared}
            view={view}
            onView={onView}
            onRemove={remove}
            charts={charts}
            runLink={runLink}
          />
        );
      case "table":
        return <CompareTable compared={compared} view={view} onView={onView} runLink={runLink} />;
      case "changes":
        return <Changes compared={compared} view={view} onView={onView} runLink={runLink} />;
      case "texts":
        return <Texts compared={compared} view={view} onView={onView} runLink={runLink} />;
      case "parallel":
        return <Parallel project={project} compared={compared} view={view} onView={onView} runLink={runLink} />;
      case "importance":
        return <Importance project={project} compared={compared} view={view} onView={onView} />;
      case "images":
        return <Images project={project} compared={compared} view={view} onView={onView} runLink={runLink} />;
      case "scatter":
        return <Scatter project={project} compared={compared} view={view} onView={onView} runLink={runLink} />;
    }
  };
  return (
    <HighlightProvider value={highlight}>
      <div className={styles.page}>
        <header className={styles.head}>
          <h1 className={styles.title}>Compare {runs.length === 1 ? "1 run" : `${runs.length} runs`}</h1>
          {missing.length > 0 && (
            <p className={styles.missing} role="alert">
              Not found: {missing.join(", ")}
            </p>
          )}
        </header>
        <Tabs
          value={tab}
          onChange={(value) => {
            const next = TABS.find((name) => name === value);
            onView({
              tab: next === "charts" ? undefined : next,
              filter: undefined,
              path: undefined,
              values: undefined,
              folded: undefined,
            });
          }}
          keepMounted={false}
          classNames={{ root: styles.tabs ?? "", list: styles.tabList ?? "", panel: styles.panel ?? "" }}
        >
          <TabNames tab={tab} />
          <Tabs.Panel value={tab}>
            <Suspense fallback={<Waiting />}>{content()}</Suspense>
          </Tabs.Panel>
        </Tabs>
      </div>
    </HighlightProvider>
  );
}

/** The names of the tabs. On a narrow screen they scroll, so the one that is shown is brought into view. */
function TabNames({ tab }: { readonly tab: CompareTab }) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(`[data-testid="tab-${tab}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [tab]);
  return (
    <Tabs.List ref={list}>
      {TABS.map((name) => (
        <Tabs.Tab key={name} value={name} data-testid={`tab-${name}`}>
          {TAB_WORDS[name]}
        </Tabs.Tab>
      ))}
    </Tabs.List>
  );
}

interface ComparedChartsProps extends ComparePageProps {
  readonly compared: readonly ComparedRun[];
  readonly onRemove: (runId: string) => void;
}

function ComparedCharts({ project, compared, view, onView, onRemove, charts, runLink }: ComparedChartsProps) {
  const hidden = useMemo(() => new Set(listed(view.hidden)), [view.hidden]);
  const runIds = useMemo(() => compared.map(({ run }) => run.id), [compared]);
  const series = useMemo<SeriesQuestion>(() => ({ runIds, kind: "float_series" }), [runIds]);
  const group = view.group ?? "";
  const runs = useMemo(() => compared.map(({ run }) => run), [compared]);
  const { groups, isPending: isGrouping } = useGroups(project, runs, group);
  const drawn = useMemo(() => {
    const shown = compared.filter(({ run }) => !hidden.has(run.id));
    const left = groups
      ?.map((each) => ({ ...each, runIds: each.runIds.filter((id) => !hidden.has(id)) }))
      .filter((each) => each.runIds.length > 0);
    return { runs: shown, groups: left ?? null };
  }, [compared, hidden, groups]);
  const hide = (ids: readonly string[], away: boolean) => {
    const next = runIds.filter((id) => (ids.includes(id) ? away : hidden.has(id)));
    onView({ hidden: next.join(",") || undefined });
  };
  return (
    <div className={styles.charts}>
      <aside className={styles.side} aria-label="Runs">
        <GroupControls project={project} view={view} onView={onView} />
        <Legend
          compared={compared}
          groups={groups}
          hidden={hidden}
          onHide={hide}
          onRemove={onRemove}
          runLink={runLink}
        />
      </aside>
      <div className={styles.panels}>{group !== "" && isGrouping ? <Waiting /> : charts(drawn, series)}</div>
    </div>
  );
}

type GroupControlsProps = Pick<ComparePageProps, "project" | "view" | "onView">;

function GroupControls({ project, view, onView }: GroupControlsProps) {
  const [search, setSearch] = useState("");
  const [name, setName] = useState("");
  return (
    <div className={styles.grouping}>
      <GroupChoice
        group={view.group ?? ""}
        band={view.band ?? "deviation"}
        options={useGroupPaths(project, search)}
        onSearch={setSearch}
        onChange={(group, band) => onView({ group: group || undefined, band: band === "deviation" ? undefined : band })}
      />
      <NameChoice
        chosen={view.legend ?? NO_PATHS}
        options={useNamePaths(project, name)}
        onSearch={setName}
        onChange={(legend) => onView({ legend: legend.length === 0 ? undefined : legend })}
      />
    </div>
  );
}

function listed(text: string | undefined): readonly string[] {
  return [...new Set((text ?? "").split(",").filter((part) => part !== ""))];
}
