/** Adds a panel: a series that is searched for, or all series that match a filter. */

import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { useColumns } from "#api/queries.ts";
import { pathFilter } from "#base/path.ts";
import { PathSelect } from "#widgets/path-select.tsx";
import type { DashboardPanel } from "./dashboard.ts";
import styles from "./dashboard-page.module.css";

interface AddPanelProps {
  readonly project: string;
  readonly onAdd: (show: DashboardPanel["show"]) => void;
}

export function AddPanel({ project, onAdd }: AddPanelProps) {
  const [search, setSearch] = useState("");
  const [filter, setFilter] = useState("");
  const { data } = useColumns(project, search, true);
  const options = (data?.columns ?? []).filter(({ kind }) => kind === "float_series").map(({ path }) => path);
  const { problem } = pathFilter(filter);
  const wanted = filter.trim();
  return (
    <div className={styles.adding} data-testid="add-panel">
      <PathSelect
        label="Add a chart of a series"
        placeholder="Add a chart: search for a series"
        className={styles.addPath}
        testId="add-path"
        value={null}
        options={options}
        onSearch={setSearch}
        onChange={(path) => {
          if (path !== null) onAdd({ path });
        }}
      />
      <form
        className={styles.addFilter}
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted === "" || problem !== null) return;
          onAdd({ filter: wanted });
          setFilter("");
        }}
      >
        <TextInput
          size="xs"
          aria-label="Add charts of all series that match"
          placeholder="…or all that match: words, or /regex/"
          autoComplete="off"
          spellCheck={false}
          error={problem}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <Button type="submit" size="xs" variant="default" disabled={wanted === "" || problem !== null}>
          Add
        </Button>
      </form>
    </div>
  );
}
