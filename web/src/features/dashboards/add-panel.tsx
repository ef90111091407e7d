/** Adds a panel: a series that is searched for, all series that match a filter, or an expression over series. */

import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { PathSelect } from "#widgets/path-select.tsx";
import type { DashboardPanel } from "./dashboard.ts";
import styles from "./dashboard-page.module.css";
import { SeriesExpression, useSeriesOptions } from "./series-fields.tsx";

interface AddPanelProps {
  readonly project: string;
  readonly onAdd: (show: DashboardPanel["show"]) => void;
}

export function AddPanel({ project, onAdd }: AddPanelProps) {
  const [filter, setFilter] = useState("");
  const [writing, setWriting] = useState(false);
  const offered = useSeriesOptions(project);
  const wanted = filter.trim();
  return (
    <div className={styles.adding} data-testid="add-panel">
      <PathSelect
        label="Add a chart of a series"
        placeholder="Add a chart: search for a series"
        className={styles.addPath}
        testId="add-path"
        value={null}
        {...offered}
        onChange={(path) => {
          if (path !== null) onAdd({ path });
        }}
      />
      <form
        className={styles.addFilter}
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted === "") return;
          // A pattern that the server refuses says so in its panel.
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
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <Button type="submit" size="xs" variant="default" disabled={wanted === ""}>
          Add
        </Button>
      </form>
      <Button size="xs" variant="default" aria-expanded={writing} onClick={() => setWriting(!writing)}>
        …or an expression
      </Button>
      {writing && (
        <SeriesExpression
          project={project}
          text=""
          onDone={(expression) => {
            setWriting(false);
            if (expression !== null) onAdd({ expression });
          }}
          onRemove={() => setWriting(false)}
        />
      )}
    </div>
  );
}
