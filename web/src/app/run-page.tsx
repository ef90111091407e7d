/** A run: who it is, how it stands, and one tab for everything that it logged. */

import { Tabs } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef } from "react";
import { MOST_ATTRIBUTES, useAttributes } from "#api/attributes.ts";
import { type AttributesQuestion, PROCESS_FACTS, SYSTEM, VALUE_KINDS } from "#api/attributes-question.ts";
import { type SeriesQuestion, useSeriesSections } from "#api/series-paths.ts";
import type { AttributeInfo, Run } from "#api/types.ts";
import type { Change } from "#base/change.ts";
import { foreignClient } from "#base/foreign-client.ts";
import { formatCount } from "#base/numbers.ts";
import { ErrorState } from "#widgets/empty-state.tsx";
import { Waiting } from "#widgets/waiting.tsx";
import { RunHeader } from "./run-header.tsx";
import styles from "./run-page.module.css";
import { type RunSearch, TABS, type Tab } from "./search.ts";

const loadPanels = () => import("#features/charts/series-panels.tsx").then((m) => ({ default: m.SeriesPanels }));
const SeriesPanels = lazy(loadPanels);
const SaveChartsOf = lazy(() => import("./save-charts.tsx").then((m) => ({ default: m.SaveChartsOf })));
const HistogramPanels = lazy(() =>
  import("#features/charts/histogram-panels.tsx").then((m) => ({ default: m.HistogramPanels })),
);
const MonitoringTab = lazy(() =>
  import("#features/monitoring/monitoring-tab.tsx").then((m) => ({ default: m.MonitoringTab })),
);
const AttributesTab = lazy(() =>
  import("#features/attributes/attributes-tab.tsx").then((m) => ({ default: m.AttributesTab })),
);
const OverviewTab = lazy(() => import("#features/overview/overview-tab.tsx").then((m) => ({ default: m.OverviewTab })));
const MediaTab = lazy(() => import("#features/media/media-tab.tsx").then((m) => ({ default: m.MediaTab })));
const CodeTab = lazy(() => import("#features/code/code-tab.tsx").then((m) => ({ default: m.CodeTab })));
const LineageTab = lazy(() => import("#features/lineage/lineage-tab.tsx").then((m) => ({ default: m.LineageTab })));
const ConsoleTab = lazy(() => import("#features/console/console-tab.tsx").then((m) => ({ default: m.ConsoleTab })));
const FilesTab = lazy(() => import("#features/files/files-tab.tsx").then((m) => ({ default: m.FilesTab })));

const TITLES: Readonly<Record<Tab, string>> = {
  charts: "Charts",
  overview: "Overview",
  attributes: "Attributes",
  media: "Media",
  console: "Console",
  monitoring: "Monitoring",
  code: "Code",
  files: "Files",
  lineage: "Lineage",
};

const NOTHING_SINGLED_OUT: RunSearch = {
  path: undefined,
  filter: undefined,
  step: undefined,
  zoom: undefined,
  stream: undefined,
  regex: undefined,
  wrap: undefined,
  line: undefined,
  folded: undefined,
  toggled: undefined,
};

export interface RunPageProps {
  readonly run: Run;
  readonly view: RunSearch;
  readonly onView: (change: Change<RunSearch>) => void;
}

export function RunPage({ run, view, onView }: RunPageProps) {
  const tab = view.tab ?? "charts";
  // Charts are what most come for: their script is fetched at once.
  useEffect(() => {
    if (tab === "charts") void loadPanels();
  }, [tab]);
  const list = useRef<HTMLDivElement>(null);
  // On a phone the tabs are wider than the screen.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the active tab that has changed.
  useEffect(() => {
    list.current?.querySelector("[data-active]")?.scrollIntoView({ inline: "nearest", block: "nearest" });
  }, [tab]);
  useEffect(() => {
    document.title = `${run.name === "" ? run.key : `${run.key} ${run.name}`} · Marigram`;
  }, [run.key, run.name]);
  // What is singled out on one tab means nothing on another.
  const openTab = (next: Tab, path?: string) =>
    onView({ ...NOTHING_SINGLED_OUT, tab: next === "charts" ? undefined : next, path });
  return (
    <>
      <RunHeader run={run} />
      <Tabs
        value={tab}
        onChange={(value) => openTab(TABS.find((name) => name === value) ?? "charts")}
        classNames={{ list: styles.tabs ?? "", tab: styles.tab ?? "", panel: styles.panel ?? "" }}
        keepMounted={false}
        className={styles.root ?? ""}
      >
        <Tabs.List ref={list}>
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name} data-testid={`tab-${name}`}>
              {TITLES[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map((name) => (
          <Tabs.Panel key={name} value={name}>
            <Suspense fallback={<Waiting />}>
              <TabContent tab={name} run={run} view={view} onView={onView} onTab={openTab} />
            </Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}

interface TabContentProps extends RunPageProps {
  readonly tab: Tab;
  readonly onTab: (tab: Tab, path?: string) => void;
}

/** What the tabs show that show a whole list of attributes. The other tabs ask for what is on the screen. */
const SOURCE_FACTS: AttributesQuestion = { below: "source_code", kinds: VALUE_KINDS };

function TabContent({ tab, run, view, onView, onTab }: TabContentProps) {
  switch (tab) {
    case "charts":
      return <ChartsTab run={run} view={view} onView={onView} />;
    case "monitoring":
      return (
        <WithAttributes run={run} asked={PROCESS_FACTS}>
          {(facts) => <Monitoring run={run} facts={facts} view={view} onView={onView} />}
        </WithAttributes>
      );
    case "overview":
      return (
        <WithAttributes run={run} asked={SYSTEM}>
          {(system) => (
            <WithAttributes run={run} asked={SOURCE_FACTS}>
              {(source) => <OverviewTab run={run} system={system} source={source} onOpen={onTab} />}
            </WithAttributes>
          )}
        </WithAttributes>
      );
    case "attributes":
      return (
        <AttributesTab runId={run.id} isLive={run.status === "running"} view={view} onView={onView} onOpen={onTab} />
      );
    case "media":
      return <MediaTab run={run} view={view} onView={onView} />;
    case "console":
      return (
        <WithAttributes run={run} asked={SYSTEM}>
          {(system) => <ConsoleTab run={run} foreign={foreignClient(system)} view={view} onView={onView} />}
        </WithAttributes>
      );
    case "code":
      return (
        <WithAttributes run={run} asked={SOURCE_FACTS}>
          {(values) => <CodeTab run={run} values={values} view={view} onView={onView} />}
        </WithAttributes>
      );
    case "lineage":
      return (
        <WithAttributes run={run} asked={PROCESS_FACTS}>
          {(facts) => <LineageTab run={run} attributes={facts} />}
        </WithAttributes>
      );
    case "files":
      return <FilesTab run={run} view={view} onView={onView} />;
  }
}

interface WithAttributesProps {
  readonly run: Run;
  readonly asked: AttributesQuestion;
  readonly children: (attributes: readonly AttributeInfo[]) => ReactNode;
}

function WithAttributes({ run, asked, children }: WithAttributesProps) {
  const { data, isWhole, error, refetch } = useAttributes(run.id, asked);
  if (data === undefined || !isWhole) {
    return error === null ? <Waiting /> : <ErrorState error={error} onRetry={() => void refetch()} />;
  }
  return (
    <>
      {data.length >= MOST_ATTRIBUTES && (
        <p className={styles.cut} role="note">
          {`Of this run's many attributes at ${asked.below ?? "any path"}, the first ${formatCount(data.length)} in the alphabet count here. `}
          All of them are on the tab Attributes.
        </p>
      )}
      {children(data)}
    </>
  );
}

type ChartsTabProps = Omit<TabContentProps, "tab" | "onTab">;

function ChartsTab({ run, view, onView }: ChartsTabProps) {
  const drawn = useDrawn(run);
  const { id } = run;
  const floats = useMemo<SeriesQuestion>(() => ({ runIds: [id], kind: "float_series", beside: "monitoring" }), [id]);
  const histograms = useMemo<SeriesQuestion>(() => ({ runIds: [id], kind: "histogram_series" }), [id]);
  const { count, allCount } = useSeriesSections(histograms, view.filter ?? "");
  return (
    <>
      <SeriesPanels
        drawn={drawn}
        series={floats}
        view={view}
        onView={onView}
        empty={allCount === 0 ? 'No metrics yet. Log one with run["train/loss"].append(0.5).' : null}
        tools={(shown, look) => (
          <Suspense>
            <SaveChartsOf project={run.project} drawn={drawn} paths={shown} look={look} search={view} />
          </Suspense>
        )}
      />
      {count !== null && <HistogramPanels run={run} series={histograms} view={view} onView={onView} count={count} />}
    </>
  );
}

function Monitoring({ run, facts, view, onView }: ChartsTabProps & { readonly facts: readonly AttributeInfo[] }) {
  const drawn = useDrawn(run);
  const { id } = run;
  const series = useMemo<SeriesQuestion>(
    () => ({ runIds: [id], kind: "float_series", below: "monitoring", depth: 3 }),
    [id],
  );
  return (
    <MonitoringTab
      attributes={facts}
      panels={(nameOf, unitOf) => (
        <SeriesPanels
          drawn={drawn}
          series={series}
          view={view}
          onView={onView}
          nameOf={nameOf}
          unitOf={unitOf}
          defaultX="relative"
          empty="No hardware metrics. The client logs them unless monitoring is switched off."
        />
      )}
    />
  );
}

/** What charts draw on the page of one run. The same as long as the lines would be: a heartbeat makes none anew. */
function useDrawn(run: Run) {
  const { id, created_at } = run;
  // biome-ignore lint/correctness/useExhaustiveDependencies: nothing else of a run is drawn.
  return useMemo(() => ({ runs: [{ run, label: run.key, slot: 0 }], groups: null }), [id, created_at]);
}
