/** A run: who it is, how it stands, and one tab for everything that it logged. */

import { Loader, Tabs } from "@mantine/core";
import { lazy, Suspense, useEffect, useMemo, useRef } from "react";
import { useAttributes } from "#api/queries.ts";
import type { AttributeInfo, Run } from "#api/types.ts";
import { ErrorState } from "#widgets/empty-state.tsx";
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
const MediaTab = lazy(() => import("#features/media/media-tab.tsx").then((m) => ({ default: m.MediaTab })));
const CodeTab = lazy(() => import("#features/code/code-tab.tsx").then((m) => ({ default: m.CodeTab })));
const LineageTab = lazy(() => import("#features/lineage/lineage-tab.tsx").then((m) => ({ default: m.LineageTab })));
const ConsoleTab = lazy(() => import("#features/console/console-tab.tsx").then((m) => ({ default: m.ConsoleTab })));
const FilesTab = lazy(() => import("#features/files/files-tab.tsx").then((m) => ({ default: m.FilesTab })));

const TITLES: Readonly<Record<Tab, string>> = {
  charts: "Charts",
  attributes: "Attributes",
  media: "Media",
  console: "Console",
  monitoring: "Monitoring",
  code: "Code",
  files: "Files",
  lineage: "Lineage",
};

const RENEW_ATTRIBUTES_MS = 3000;

/** Whether a tab needs not wait until thousands of attributes have come. */
function isShownInParts(tab: Tab, { filter, path, expr }: RunSearch): boolean {
  // What is looked for among the charts may be in the last part.
  return tab === "attributes" || (tab === "charts" && (filter ?? path ?? expr) === undefined);
}

const NOTHING_SINGLED_OUT: RunSearch = {
  path: undefined,
  filter: undefined,
  step: undefined,
  zoom: undefined,
  stream: undefined,
  regex: undefined,
  line: undefined,
};

export interface RunPageProps {
  readonly run: Run;
  readonly view: RunSearch;
  readonly onView: (patch: RunSearch) => void;
}

export function RunPage({ run, view, onView }: RunPageProps) {
  const tab = view.tab ?? "charts";
  const renew = tab === "attributes" && run.status === "running" ? RENEW_ATTRIBUTES_MS : null;
  const { data: attributes, isWhole, error, refetch } = useAttributes(run.id, renew);
  // Charts are what most come for: their script is fetched beside the attributes, not after them.
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
      <RunHeader run={run} attributes={attributes ?? []} />
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
            {attributes === undefined || !(isWhole || isShownInParts(name, view)) ? (
              error === null ? (
                <Waiting />
              ) : (
                <ErrorState error={error} onRetry={() => void refetch()} />
              )
            ) : (
              <Suspense fallback={<Waiting />}>
                <TabContent
                  tab={name}
                  run={run}
                  attributes={attributes}
                  isWhole={isWhole}
                  view={view}
                  onView={onView}
                  onTab={openTab}
                />
              </Suspense>
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}

interface TabContentProps extends RunPageProps {
  readonly tab: Tab;
  readonly attributes: AttributeInfo[];
  readonly isWhole: boolean;
  readonly onTab: (tab: Tab, path?: string) => void;
}

function TabContent({ tab, run, attributes, isWhole, view, onView, onTab }: TabContentProps) {
  const drawn = useDrawn(run);
  switch (tab) {
    case "charts":
      return <ChartsTab run={run} attributes={attributes} isWhole={isWhole} view={view} onView={onView} />;
    case "monitoring":
      return (
        <MonitoringTab
          attributes={attributes}
          panels={(paths, nameOf, unitOf) => (
            <SeriesPanels
              drawn={drawn}
              paths={paths}
              view={view}
              onView={onView}
              depth={3}
              nameOf={nameOf}
              unitOf={unitOf}
              defaultX="relative"
              empty="No hardware metrics. The client logs them unless monitoring is switched off."
            />
          )}
        />
      );
    case "attributes":
      return (
        <AttributesTab
          runId={run.id}
          attributes={attributes}
          isWhole={isWhole}
          view={view}
          onView={onView}
          onOpen={onTab}
        />
      );
    case "media":
      return <MediaTab run={run} attributes={attributes} view={view} onView={onView} />;
    case "console":
      return <ConsoleTab run={run} attributes={attributes} view={view} onView={onView} />;
    case "code":
      return <CodeTab run={run} attributes={attributes} view={view} onView={onView} />;
    case "lineage":
      return <LineageTab run={run} attributes={attributes} />;
    case "files":
      return <FilesTab run={run} attributes={attributes} view={view} onView={onView} />;
  }
}

/** The first charts come with the first part of the attributes, the others when all of them are known. */
const FIRST_PART = 1000;

function ChartsTab({ run, attributes, isWhole, view, onView }: Omit<TabContentProps, "tab" | "onTab">) {
  const drawn = useDrawn(run);
  const known = isWhole ? attributes : attributes.slice(0, FIRST_PART);
  const paths = known.filter(isChart).map(({ path }) => path);
  const histograms = known.filter(({ kind }) => kind === "histogram_series").map(({ path }) => path);
  if (!isWhole && paths.length === 0) return <Waiting />;
  return (
    <>
      {(paths.length > 0 || histograms.length === 0) && (
        <SeriesPanels
          drawn={drawn}
          paths={paths}
          view={view}
          onView={onView}
          empty={'No metrics yet. Log one with run["train/loss"].append(0.5).'}
          tools={(shown, look) => (
            <Suspense>
              <SaveChartsOf project={run.project} drawn={drawn} paths={shown} look={look} search={view} />
            </Suspense>
          )}
        />
      )}
      {histograms.length > 0 && <HistogramPanels run={run} paths={histograms} filter={view.filter ?? ""} />}
    </>
  );
}

/** What charts draw on the page of one run. The same as long as the lines would be: a heartbeat makes none anew. */
function useDrawn(run: Run) {
  const { id, created_at } = run;
  // biome-ignore lint/correctness/useExhaustiveDependencies: nothing else of a run is drawn.
  return useMemo(() => ({ runs: [{ run, label: run.key, slot: 0 }], groups: null }), [id, created_at]);
}

function isChart({ kind, path }: AttributeInfo): boolean {
  return kind === "float_series" && !path.startsWith("monitoring/");
}

function Waiting() {
  return (
    <div className={styles.waiting} aria-busy="true">
      <Loader size={20} color="gray" />
    </div>
  );
}
