/** What the console shows: all output, or one of all series of texts, however many there are. */

import { useState } from "react";
import { useFoundTexts } from "#api/text-series.ts";
import { PathSelect } from "#widgets/path-select.tsx";
import styles from "./console-tab.module.css";

interface SourceSelectProps {
  readonly runId: string;
  /** Null: all output. */
  readonly value: string | null;
  readonly hasOutput: boolean;
  readonly onChange: (path: string | null) => void;
}

export function SourceSelect({ runId, value, hasOutput, onChange }: SourceSelectProps) {
  const [search, setSearch] = useState("");
  const { data: options } = useFoundTexts(runId, search);
  return (
    <PathSelect
      label="What to show"
      placeholder="All output"
      className={styles.source}
      testId="console-source"
      value={value}
      options={options ?? []}
      onSearch={setSearch}
      onChange={onChange}
      clearable={hasOutput}
    />
  );
}
