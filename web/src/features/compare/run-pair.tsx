/** Two of the compared runs, one before and one after, and what chooses them. */

import { ActionIcon, Select, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./changes.module.css";
import type { ComparedRun, CompareView } from "./compare-page.tsx";

export interface RunPair {
  readonly before: ComparedRun;
  readonly after: ComparedRun;
}

/** The two that the address names, else the first and the last; null if there are no two. */
export function pairOf(compared: readonly ComparedRun[], view: CompareView): RunPair | null {
  const named = (id: string | undefined) => compared.find(({ run }) => run.id === id || run.key === id);
  const before = named(view.baseline) ?? compared[0];
  const after = named(view.after) ?? [...compared].reverse().find((each) => each !== before);
  return before === undefined || after === undefined || before === after ? null : { before, after };
}

interface PairBarProps {
  readonly compared: readonly ComparedRun[];
  readonly pair: RunPair;
  readonly onView: (patch: CompareView) => void;
  /** What else stands in the bar. */
  readonly children?: ReactNode;
}

export function PairBar({ compared, pair: { before, after }, onView, children }: PairBarProps) {
  const options = (other: ComparedRun) =>
    compared.filter((each) => each !== other).map(({ run, label }) => ({ value: run.id, label }));
  const choose = (one: string, other: string) => onView({ baseline: one, after: other });
  return (
    <div className={styles.bar}>
      <RunSelect label="Before" value={before} options={options(after)} onChange={(id) => choose(id, after.run.id)} />
      <Tooltip label="Swap" openDelay={400}>
        <ActionIcon
          variant="default"
          size={30}
          aria-label="Swap the two runs"
          onClick={() => choose(after.run.id, before.run.id)}
        >
          ⇄
        </ActionIcon>
      </Tooltip>
      <RunSelect label="After" value={after} options={options(before)} onChange={(id) => choose(before.run.id, id)} />
      {children}
    </div>
  );
}

interface RunSelectProps {
  readonly label: string;
  readonly value: ComparedRun;
  readonly options: { value: string; label: string }[];
  readonly onChange: (runId: string) => void;
}

function RunSelect({ label, value, options, onChange }: RunSelectProps) {
  return (
    <Select
      size="xs"
      className={styles.run ?? ""}
      aria-label={label}
      data-testid={`changes-${label.toLowerCase()}`}
      value={value.run.id}
      data={options}
      searchable
      allowDeselect={false}
      onChange={(id) => id !== null && onChange(id)}
    />
  );
}
