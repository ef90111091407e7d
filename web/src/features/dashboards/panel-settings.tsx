/** How a panel draws: its axes, and how its lines are smoothed. */

import { ActionIcon, NativeSelect, Popover, Switch } from "@mantine/core";
import { useState } from "react";
import type { XAxis } from "#base/line.ts";
import { SettingsIcon } from "#widgets/icons.tsx";
import { PathSelect } from "#widgets/path-select.tsx";
import { axesOf, type DashboardPanel } from "./dashboard.ts";
import styles from "./dashboard-page.module.css";
import { useSeriesOptions } from "./series-fields.tsx";

const AXIS_WORDS: Readonly<Record<XAxis, string>> = {
  step: "Step",
  relative: "Relative time",
  time: "Wall time",
  series: "Another series",
};
const SMOOTHINGS = [
  { value: "", label: "As logged" },
  { value: "0.6", label: "Exponential, 0.6" },
  { value: "0.9", label: "Exponential, 0.9" },
  { value: "average:10", label: "Running average of 10" },
  { value: "average:100", label: "Running average of 100" },
  { value: "gaussian:10", label: "Gaussian of 10" },
];

interface PanelSettingsProps {
  readonly project: string;
  /** Groups are drawn over steps and over nothing else. */
  readonly isGrouped: boolean;
  readonly panel: DashboardPanel;
  readonly name: string;
  readonly onChange: (change: Partial<DashboardPanel>) => void;
}

export function PanelSettings({ project, isGrouped, panel, name, onChange }: PanelSettingsProps) {
  const known = SMOOTHINGS.some(({ value }) => value === panel.smoothing);
  return (
    <Popover position="bottom-end" withinPortal shadow="md" transitionProps={{ duration: 0 }} trapFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size={24} aria-label={`Axes and smoothing of ${name}`}>
          <SettingsIcon size={14} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={styles.settings ?? ""} aria-label={`Axes and smoothing of ${name}`}>
        <AxisChoice project={project} isGrouped={isGrouped} panel={panel} onChange={onChange} />
        <NativeSelect
          size="xs"
          label="Smoothing"
          value={panel.smoothing}
          data={known ? SMOOTHINGS : [...SMOOTHINGS, { value: panel.smoothing, label: panel.smoothing }]}
          onChange={(event) => onChange({ smoothing: event.currentTarget.value })}
        />
        <Switch
          size="xs"
          label="Logarithmic y"
          checked={panel.log}
          onChange={(event) => onChange({ log: event.currentTarget.checked })}
        />
        <Switch
          size="xs"
          label="Logarithmic x"
          checked={panel.logx}
          onChange={(event) => onChange({ logx: event.currentTarget.checked })}
        />
        <Switch
          size="xs"
          label="Leave out outliers"
          checked={panel.robust}
          onChange={(event) => onChange({ robust: event.currentTarget.checked })}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function AxisChoice({ project, isGrouped, panel, onChange }: Omit<PanelSettingsProps, "name">) {
  // Until another series is chosen there is none to draw over.
  const [choosing, setChoosing] = useState(false);
  const offered = useSeriesOptions(project);
  const shown = choosing ? "series" : panel.x;
  return (
    <>
      <NativeSelect
        size="xs"
        label="Horizontal axis"
        description={isGrouped ? "Groups are drawn over steps" : null}
        disabled={isGrouped}
        value={isGrouped ? "step" : shown}
        data={axesOf(panel.show).map((value) => ({ value, label: AXIS_WORDS[value] }))}
        onChange={(event) => {
          const x = axesOf(panel.show).find((axis) => axis === event.currentTarget.value) ?? "step";
          setChoosing(x === "series");
          if (x !== "series") onChange({ x, over: null, zoom: [] });
        }}
      />
      {shown === "series" && !isGrouped && (
        <PathSelect
          label="Series of the horizontal axis"
          placeholder="Choose a series"
          testId="panel-over"
          withinPortal={false}
          value={panel.over}
          {...offered}
          onChange={(over) => {
            setChoosing(false);
            if (over !== null) onChange({ x: "series", over, zoom: [] });
          }}
        />
      )}
    </>
  );
}
