/** What one changes a panel with: drag it, move it by keys, make it larger, choose its axes, take it away. */

import { ActionIcon, NativeSelect, Popover, Switch } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import type { XAxis } from "#base/line.ts";
import { CloseIcon, GripIcon, SettingsIcon } from "#widgets/icons.tsx";
import { type DashboardPanel, PANEL_AXES, SIZES, type Size } from "./dashboard.ts";
import styles from "./dashboard-page.module.css";

interface PanelFrameProps {
  readonly panel: DashboardPanel;
  /** From 0. */
  readonly place: number;
  readonly onChange: (change: Partial<DashboardPanel>) => void;
  readonly onRemove: () => void;
  /** Put it at another place. */
  readonly onMove: (to: number) => void;
  readonly onDrag: () => void;
  readonly onDrop: () => void;
  readonly children: ReactNode;
}

const SIZE_WORDS: Readonly<Record<Size, string>> = { small: "Small", medium: "Medium", large: "Large" };
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

export function nameOf({ show }: DashboardPanel): string {
  return "path" in show ? show.path : `all that match ${show.filter}`;
}

export function PanelFrame(props: PanelFrameProps) {
  const { panel, place, onChange, onRemove, onMove, onDrag, onDrop, children } = props;
  const [over, setOver] = useState(false);
  const name = nameOf(panel);
  const onKeyDown = (event: KeyboardEvent) => {
    const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const size = { "+": 1, "-": -1 }[event.key];
    if (steps !== undefined) onMove(place + steps);
    else if (size !== undefined) onChange({ size: resized(panel.size, size) });
    else if (event.key === "Delete") onRemove();
    else return;
    event.preventDefault();
  };
  return (
    <section
      className={styles.frame}
      data-testid="dashboard-panel"
      data-over={over}
      aria-label={name}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onDrop();
      }}
    >
      <div className={styles.frameTools}>
        <button
          type="button"
          draggable
          className={styles.grip}
          data-testid="panel-grip"
          aria-label={`Move ${name}: arrows move it, plus and minus change its size, Delete takes it away`}
          title="Drag to another place. By keyboard: arrows, + and −, Delete"
          onDragStart={(event) => {
            event.dataTransfer.effectAllowed = "move";
            event.dataTransfer.setData("text/plain", name);
            onDrag();
          }}
          onKeyDown={onKeyDown}
        >
          <GripIcon size={14} />
          <span className={styles.gripName}>{name}</span>
        </button>
        <NativeSelect
          size="xs"
          className={styles.size ?? ""}
          aria-label={`Size of ${name}`}
          value={panel.size}
          data={SIZES.map((value) => ({ value, label: SIZE_WORDS[value] }))}
          onChange={(event) => onChange({ size: SIZES.find((size) => size === event.currentTarget.value) ?? "medium" })}
        />
        <Settings panel={panel} name={name} onChange={onChange} />
        <ActionIcon variant="subtle" color="gray" size={24} aria-label={`Remove ${name}`} onClick={onRemove}>
          <CloseIcon size={13} />
        </ActionIcon>
      </div>
      {children}
    </section>
  );
}

function resized(size: Size, by: number): Size {
  return SIZES[Math.min(SIZES.length - 1, Math.max(0, SIZES.indexOf(size) + by))] ?? size;
}

interface SettingsProps {
  readonly panel: DashboardPanel;
  readonly name: string;
  readonly onChange: (change: Partial<DashboardPanel>) => void;
}

function Settings({ panel, name, onChange }: SettingsProps) {
  const known = SMOOTHINGS.some(({ value }) => value === panel.smoothing);
  return (
    <Popover position="bottom-end" withinPortal shadow="md" transitionProps={{ duration: 0 }} trapFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size={24} aria-label={`Axes and smoothing of ${name}`}>
          <SettingsIcon size={14} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={styles.settings ?? ""} aria-label={`Axes and smoothing of ${name}`}>
        <NativeSelect
          size="xs"
          label="Horizontal axis"
          value={panel.x}
          data={PANEL_AXES.map((value) => ({ value, label: AXIS_WORDS[value] }))}
          onChange={(event) => onChange({ x: PANEL_AXES.find((axis) => axis === event.currentTarget.value) ?? "step" })}
        />
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
