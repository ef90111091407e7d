/** Chooses which attributes are columns. */

import { Button, Checkbox, Popover, ScrollArea } from "@mantine/core";
import { useState } from "react";
import { useColumns } from "#api/queries.ts";
import { formatCount } from "#base/numbers.ts";
import { ColumnsIcon } from "#widgets/icons.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import styles from "./column-picker.module.css";

interface ColumnPickerProps {
  readonly project: string;
  /** Paths that are columns now, chosen by hand or by the server. */
  readonly shown: readonly string[];
  /** Whether they were chosen by hand. */
  readonly chosen: boolean;
  /** Undefined leaves the choice to the server. */
  readonly onChange: (columns: readonly string[] | undefined) => void;
}

export function ColumnPicker({ project, shown, chosen, onChange }: ColumnPickerProps) {
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState("");
  const { data, isPending } = useColumns(project, search, open);
  const toggle = (path: string) =>
    onChange(shown.includes(path) ? shown.filter((one) => one !== path) : [...shown, path]);
  const found = (data?.columns ?? []).filter(({ path }) => !shown.includes(path));
  const matching = search === "" ? shown : shown.filter((path) => path.toLowerCase().includes(search.toLowerCase()));
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={340} trapFocus shadow="md">
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          leftSection={<ColumnsIcon size={14} />}
          onClick={() => setOpen(!open)}
          data-testid="column-picker"
        >
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={8}>
        <SearchInput value={search} onChange={setSearch} label="Search attributes" />
        <ScrollArea.Autosize mah={360} mt={8} viewportProps={{ tabIndex: 0, "aria-label": "Attributes" }}>
          {matching.map((path) => (
            <Choice key={path} path={path} checked onToggle={toggle} />
          ))}
          {matching.length > 0 && found.length > 0 && <div className={styles.rule} />}
          {found.map(({ path, run_count }) => (
            <Choice key={path} path={path} runs={run_count} checked={false} onToggle={toggle} />
          ))}
          {!isPending && found.length === 0 && matching.length === 0 && (
            <p className={styles.nothing}>No run of this project has such an attribute.</p>
          )}
        </ScrollArea.Autosize>
        <div className={styles.foot}>
          <Button size="compact-xs" variant="subtle" disabled={!chosen} onClick={() => onChange(undefined)}>
            Choose for me
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

interface ChoiceProps {
  readonly path: string;
  readonly runs?: number;
  readonly checked: boolean;
  readonly onToggle: (path: string) => void;
}

function Choice({ path, runs, checked, onToggle }: ChoiceProps) {
  return (
    <div className={styles.choice} title={path}>
      <Checkbox size="xs" label={path} checked={checked} onChange={() => onToggle(path)} />
      {runs !== undefined && (
        <span className={styles.runs}>
          {formatCount(runs)} {runs === 1 ? "run" : "runs"}
        </span>
      )}
    </div>
  );
}
