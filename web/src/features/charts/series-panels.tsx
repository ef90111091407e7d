/** Panels of many series: a toolbar, sections by namespace, one panel over the whole page. */

import { Button, Modal, SegmentedControl, Slider, Switch } from "@mantine/core";
import { useMemo, useState } from "react";
import type { Run } from "#api/types.ts";
import type { XAxis } from "#base/line.ts";
import { formatCount } from "#base/numbers.ts";
import { groupByNamespace, matchesSearch, type PathGroup, withinGroup } from "#base/path.ts";
import { EmptyState } from "#widgets/empty-state.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { Section } from "#widgets/section.tsx";
import { ChartPanel, type ChartStyle } from "./chart-panel.tsx";
import styles from "./series-panels.module.css";
import { withZoom, type Zoom, zoomOf } from "./zoom.ts";

export interface ChartsView {
  readonly filter?: string | undefined;
  readonly path?: string | undefined;
  readonly x?: XAxis | undefined;
  readonly smoothing?: number | undefined;
  readonly log?: boolean | undefined;
  /** As `zoom.ts` writes them. */
  readonly zoom?: readonly string[] | undefined;
}

interface SeriesPanelsProps {
  readonly run: Run;
  readonly paths: readonly string[];
  readonly view: ChartsView;
  readonly onView: (patch: ChartsView) => void;
  /** What to say when there is no series at all. */
  readonly empty: string;
  /** The axis when the address names none. */
  readonly defaultX?: XAxis;
  /** How many segments of a path name its section. */
  readonly depth?: number;
  /** Words for a section, where its path alone says little. */
  readonly nameOf?: (namespace: string) => string;
  /** The unit of a series, where it has one. */
  readonly unitOf?: (path: string) => string | null;
}

const PANEL_HEIGHT = 208;
/** A section opens with as many panels as one may want to look through; more on demand, so that pages stay quick. */
const PANELS_AT_ONCE = 48;
/** Sections start open until so many panels are on the page. */
const OPEN_PANELS = 150;

export function SeriesPanels(props: SeriesPanelsProps) {
  const { run, paths, view, onView, empty, defaultX = "step", depth = 1, nameOf, unitOf } = props;
  const filter = view.filter ?? "";
  const names = paths.join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: live answers bring new lists of the same paths.
  const groups = useMemo(() => {
    const shown = filter === "" ? paths : paths.filter((path) => matchesSearch(path, filter));
    return groupByNamespace(shown, depth);
  }, [names, filter, depth]);
  const open = useMemo(() => firstSections(groups), [groups]);
  const look: ChartStyle = { xAxis: view.x ?? defaultX, smoothing: view.smoothing ?? 0, logY: view.log ?? false };
  const zooms = view.zoom ?? [];
  const onZoom = (path: string, zoom: Zoom | null) => onView({ zoom: withZoom(zooms, path, zoom) });
  if (paths.length === 0) return <EmptyState title={empty} />;
  return (
    <div className={styles.page}>
      <Toolbar view={view} xAxis={look.xAxis} defaultX={defaultX} onView={onView} />
      {groups.length === 0 && <EmptyState title="No series matches the filter">Try fewer or other words.</EmptyState>}
      {groups.map((group) => (
        <Section
          // A filter is about what is found, so all that is found is shown, whatever was closed before.
          key={`${filter === "" ? "all" : "found"} ${group.name}`}
          title={nameOf?.(group.name) ?? (group.name || "(top)")}
          count={group.paths.length}
          initiallyOpen={open.has(group.name)}
        >
          <PanelGrid
            run={run}
            group={group}
            look={look}
            unitOf={unitOf}
            zooms={zooms}
            onZoom={onZoom}
            onMaximise={(path) => onView({ path })}
          />
        </Section>
      ))}
      <Maximised
        run={run}
        path={view.path}
        paths={paths}
        look={look}
        zooms={zooms}
        onZoom={onZoom}
        onClose={() => onView({ path: undefined })}
      />
    </div>
  );
}

/** Names of the sections that start open: always the first one, then as many as make a page that is still quick. */
function firstSections(groups: readonly PathGroup[]): ReadonlySet<string> {
  const open = new Set<string>();
  let panels = 0;
  for (const { name, paths } of groups) {
    if (panels >= OPEN_PANELS) break;
    open.add(name);
    panels += Math.min(paths.length, PANELS_AT_ONCE);
  }
  return open;
}

interface Zooming {
  readonly zooms: readonly string[];
  readonly onZoom: (path: string, zoom: Zoom | null) => void;
}

interface PanelGridProps extends Zooming {
  readonly run: Run;
  readonly group: PathGroup;
  readonly look: ChartStyle;
  readonly unitOf: ((path: string) => string | null) | undefined;
  readonly onMaximise: (path: string) => void;
}

function PanelGrid({ run, group, look, unitOf, zooms, onZoom, onMaximise }: PanelGridProps) {
  const { name, paths } = group;
  const [limit, setLimit] = useState(PANELS_AT_ONCE);
  const left = paths.length - limit;
  return (
    <>
      <div className={styles.grid}>
        {paths.slice(0, limit).map((path) => (
          <ChartPanel
            key={path}
            run={run}
            path={path}
            title={withUnit(withinGroup(path, name), unitOf?.(path) ?? null)}
            look={look}
            height={PANEL_HEIGHT}
            onMaximise={() => onMaximise(path)}
            zoom={zoomOf(zooms, path, look.xAxis)}
            onZoom={(zoom) => onZoom(path, zoom)}
          />
        ))}
      </div>
      {left > 0 && (
        <Button mt={8} size="xs" variant="default" onClick={() => setLimit(limit + PANELS_AT_ONCE)}>
          Show {formatCount(Math.min(left, PANELS_AT_ONCE))} of {formatCount(left)} more
        </Button>
      )}
    </>
  );
}

function withUnit(title: string, unit: string | null): string {
  return unit === null ? title : `${title} (${unit})`;
}

interface ToolbarProps {
  readonly view: ChartsView;
  readonly xAxis: XAxis;
  readonly defaultX: XAxis;
  readonly onView: (patch: ChartsView) => void;
}

function Toolbar({ view, xAxis, defaultX, onView }: ToolbarProps) {
  // The slider moves at once; the address follows when it is let go.
  const [sliding, setSliding] = useState<number | null>(null);
  const smoothing = sliding ?? view.smoothing ?? 0;
  return (
    <div className={styles.toolbar}>
      <SearchInput
        className={styles.filter}
        value={view.filter ?? ""}
        onChange={(text) => onView({ filter: text || undefined })}
        label="Filter charts"
        testId="charts-filter"
      />
      <SegmentedControl
        size="xs"
        aria-label="Horizontal axis"
        data-testid="x-axis"
        value={xAxis}
        onChange={(value) => onView({ x: value === defaultX ? undefined : (value as XAxis) })}
        data={[
          { value: "step", label: "Step" },
          { value: "relative", label: "Relative" },
          { value: "time", label: "Time" },
        ]}
      />
      <div className={styles.smoothing}>
        <span id="smoothing-label">Smoothing</span>
        <Slider
          className={styles.slider}
          size="sm"
          min={0}
          max={0.99}
          step={0.01}
          value={smoothing}
          label={null}
          thumbLabel="Smoothing"
          onChange={setSliding}
          onChangeEnd={(value) => {
            setSliding(null);
            onView({ smoothing: value > 0 ? value : undefined });
          }}
        />
        <output className={styles.amount}>{smoothing.toFixed(2)}</output>
      </div>
      <Switch
        size="xs"
        label="Log y"
        checked={view.log ?? false}
        onChange={(event) => onView({ log: event.currentTarget.checked || undefined })}
      />
    </div>
  );
}

interface MaximisedProps extends Zooming {
  readonly run: Run;
  readonly path: string | undefined;
  readonly paths: readonly string[];
  readonly look: ChartStyle;
  readonly onClose: () => void;
}

function Maximised({ run, path, paths, look, zooms, onZoom, onClose }: MaximisedProps) {
  const open = path !== undefined && paths.includes(path);
  return (
    <Modal
      opened={open}
      onClose={onClose}
      size="min(1400px, 96vw)"
      title="Chart"
      centered
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {open && (
        <ChartPanel
          run={run}
          path={path}
          title={path}
          look={look}
          height={Math.round(window.innerHeight * 0.62)}
          onMaximise={null}
          zoom={zoomOf(zooms, path, look.xAxis)}
          onZoom={(zoom) => onZoom(path, zoom)}
        />
      )}
    </Modal>
  );
}
