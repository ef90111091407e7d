/** Whose lines a dashboard draws: how many runs, which, and by what they are gathered into groups. */

import { Button, NumberInput } from "@mantine/core";
import { useState } from "react";
import { useGroupPaths } from "#api/groups.ts";
import { useNamePaths } from "#api/run-labels.ts";
import { GroupChoice } from "#widgets/group-choice.tsx";
import { NameChoice } from "#widgets/name-choice.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { clampedMost, type Dashboard, MOST_RUNS } from "./dashboard.ts";
import styles from "./dashboard-page.module.css";

interface WhichRunsProps {
  readonly dashboard: Dashboard;
  readonly onChange: (next: Dashboard) => void;
}

export function WhichRuns({ dashboard, onChange }: WhichRunsProps) {
  const { length } = dashboard.runs;
  if (length > 0) {
    return (
      <div className={styles.which}>
        {length === 1 ? "1 chosen run" : `${length} chosen runs`}
        <Button size="compact-xs" variant="default" onClick={() => onChange({ ...dashboard, runs: [] })}>
          Show the newest instead
        </Button>
      </div>
    );
  }
  return (
    <div className={styles.which}>
      Newest
      <NumberInput
        size="xs"
        className={styles.most ?? ""}
        aria-label="How many runs"
        min={1}
        max={MOST_RUNS}
        value={dashboard.most}
        onChange={(value) => onChange({ ...dashboard, most: clampedMost(Number(value)) })}
      />
      runs of
      <SearchInput
        className={styles.search}
        label="Which runs"
        placeholder="all, or words, or a query"
        pause={500}
        value={dashboard.search}
        onChange={(search) => onChange({ ...dashboard, search })}
      />
    </div>
  );
}

interface NamesProps {
  readonly project: string;
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

export function Names({ project, chosen, onChange }: NamesProps) {
  const [search, setSearch] = useState("");
  return (
    <div className={styles.groups}>
      <NameChoice
        chosen={chosen}
        className={styles.group}
        options={useNamePaths(project, search)}
        onSearch={setSearch}
        onChange={onChange}
      />
    </div>
  );
}

interface GroupsProps extends WhichRunsProps {
  readonly project: string;
}

export function Groups({ project, dashboard, onChange }: GroupsProps) {
  const [search, setSearch] = useState("");
  return (
    <div className={styles.groups}>
      <GroupChoice
        group={dashboard.group}
        band={dashboard.band}
        className={styles.group}
        options={useGroupPaths(project, search)}
        onSearch={setSearch}
        onChange={(group, band) => onChange({ ...dashboard, group, band })}
      />
    </div>
  );
}
