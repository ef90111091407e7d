/** What one changes a panel with: drag it, move it by keys, make it larger, write its expression, take it away. */

import { ActionIcon, Button, NativeSelect } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { CloseIcon, DownIcon, GripIcon, UpIcon } from "#widgets/icons.tsx";
import { type DashboardPanel, SIZES, type Size } from "./dashboard.ts";
import styles from "./dashboard-page.module.css";
import { PanelSettings } from "./panel-settings.tsx";
import { SeriesExpression } from "./series-fields.tsx";

interface PanelFrameProps {
  readonly project: string;
  /** Whether runs are drawn as groups. */
  readonly isGrouped: boolean;
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
export function nameOf({ show }: DashboardPanel): string {
  if ("path" in show) return show.path;
  return "expression" in show ? show.expression : `all that match ${show.filter}`;
}

export function PanelFrame(props: PanelFrameProps) {
  const { project, isGrouped, panel, place, onChange, onRemove, onMove, onDrag, onDrop, children } = props;
  const [over, setOver] = useState(false);
  const [writing, setWriting] = useState(false);
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
        {/* A finger that drags scrolls the page. */}
        <span className={styles.byTaps}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={28}
            aria-label={`Move ${name} up`}
            onClick={() => onMove(place - 1)}
          >
            <UpIcon size={14} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={28}
            aria-label={`Move ${name} down`}
            onClick={() => onMove(place + 1)}
          >
            <DownIcon size={14} />
          </ActionIcon>
        </span>
        <NativeSelect
          size="xs"
          className={styles.size ?? ""}
          aria-label={`Size of ${name}`}
          value={panel.size}
          data={SIZES.map((value) => ({ value, label: SIZE_WORDS[value] }))}
          onChange={(event) => onChange({ size: SIZES.find((size) => size === event.currentTarget.value) ?? "medium" })}
        />
        {"expression" in panel.show && (
          <Button size="compact-xs" variant="subtle" aria-expanded={writing} onClick={() => setWriting(!writing)}>
            Change
          </Button>
        )}
        <PanelSettings project={project} isGrouped={isGrouped} panel={panel} name={name} onChange={onChange} />
        <ActionIcon variant="subtle" color="gray" size={24} aria-label={`Remove ${name}`} onClick={onRemove}>
          <CloseIcon size={13} />
        </ActionIcon>
      </div>
      {writing && "expression" in panel.show && (
        <SeriesExpression
          project={project}
          text={panel.show.expression}
          onDone={(expression) => {
            setWriting(false);
            // A stretch of what is no longer drawn says nothing.
            if (expression !== null) onChange({ show: { expression }, zoom: [] });
          }}
          onRemove={onRemove}
        />
      )}
      {children}
    </section>
  );
}

function resized(size: Size, by: number): Size {
  return SIZES[Math.min(SIZES.length - 1, Math.max(0, SIZES.indexOf(size) + by))] ?? size;
}
