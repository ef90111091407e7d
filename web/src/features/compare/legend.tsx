/** The compared runs with their colours: hide them, single one out, leave one out. */

import { ActionIcon } from "@mantine/core";
import type { ReactNode } from "react";
import type { RunGroup } from "#api/groups.ts";
import type { Run } from "#api/types.ts";
import { lineColor, lineDash } from "#base/color.ts";
import { useDark } from "#widgets/dark.ts";
import { singlingOut, useHighlight, useIsHighlighted } from "#widgets/highlight.ts";
import { CloseIcon, EyeIcon, EyeOffIcon } from "#widgets/icons.tsx";
import { StatusBadge } from "#widgets/status-badge.tsx";
import styles from "./compare-page.module.css";
import type { ComparedRun } from "./compare-page.tsx";

interface LegendProps {
  readonly compared: readonly ComparedRun[];
  readonly groups: readonly RunGroup[] | null;
  readonly hidden: ReadonlySet<string>;
  readonly onHide: (runIds: readonly string[], away: boolean) => void;
  readonly onRemove: (runId: string) => void;
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
}

export function Legend({ compared, groups, hidden, onHide, onRemove, runLink }: LegendProps) {
  if (groups !== null) {
    return (
      <ul className={styles.legend} data-testid="legend">
        {groups.map((group) => (
          <LegendItem
            key={group.name}
            id={`group ${group.name}`}
            slot={group.slot}
            name={group.name}
            isHidden={group.runIds.every((id) => hidden.has(id))}
            onHide={(away) => onHide(group.runIds, away)}
          >
            <span className={styles.runName}>{group.name}</span>
            <span className={styles.runCount}>
              {group.runIds.length === 1 ? "1 run" : `${group.runIds.length} runs`}
            </span>
          </LegendItem>
        ))}
      </ul>
    );
  }
  return (
    <ul className={styles.legend} data-testid="legend">
      {compared.map(({ run, label, slot }) => (
        <LegendItem
          key={run.id}
          id={run.id}
          slot={slot}
          name={label}
          isHidden={hidden.has(run.id)}
          onHide={(away) => onHide([run.id], away)}
          onRemove={() => onRemove(run.id)}
        >
          {runLink(
            run,
            <span className={styles.runName} title={label}>
              {label}
            </span>,
          )}
          {run.status !== "finished" && <StatusBadge status={run.status} />}
        </LegendItem>
      ))}
    </ul>
  );
}

interface LegendItemProps {
  readonly id: string;
  readonly slot: number;
  readonly name: string;
  readonly isHidden: boolean;
  readonly onHide: (away: boolean) => void;
  readonly onRemove?: () => void;
  readonly children: ReactNode;
}

function LegendItem({ id, slot, name, isHidden, onHide, onRemove, children }: LegendItemProps) {
  const dark = useDark();
  const highlight = useHighlight();
  const isHighlighted = useIsHighlighted(id);
  return (
    <li
      className={styles.item}
      data-testid="legend-item"
      data-highlighted={isHighlighted || undefined}
      data-hidden={isHidden || undefined}
      {...singlingOut(highlight, isHidden ? null : id)}
    >
      <svg width="18" height="8" aria-hidden="true" className={styles.swatch}>
        <path
          d="M0 4H18"
          stroke={lineColor(slot, dark)}
          strokeWidth="3"
          strokeDasharray={lineDash(slot).join(" ") || undefined}
        />
      </svg>
      {children}
      <span className={styles.itemTools}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={24}
          aria-label={isHidden ? `Show ${name}` : `Hide ${name}`}
          onClick={() => onHide(!isHidden)}
        >
          {isHidden ? <EyeOffIcon size={14} /> : <EyeIcon size={14} />}
        </ActionIcon>
        {onRemove !== undefined && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size={24}
            aria-label={`Leave ${name} out of the comparison`}
            onClick={onRemove}
          >
            <CloseIcon size={12} />
          </ActionIcon>
        )}
      </span>
    </li>
  );
}
