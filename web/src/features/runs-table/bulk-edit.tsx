/** Sets a value of all selected runs at once. Runs that have none of this kind there are left as they are. */

import { Button, Group, Popover } from "@mantine/core";
import { useState } from "react";
import { useColumns } from "#api/queries.ts";
import type { Column } from "#api/types.ts";
import { HINTS, isEditable, valueProblem } from "#api/value-text.ts";
import { PathSelect } from "#widgets/path-select.tsx";
import { isLongValue, ValueField } from "#widgets/value-editor.tsx";
import styles from "./runs-page.module.css";

interface BulkEditProps {
  readonly project: string;
  readonly disabled: boolean;
  readonly onSet: (column: Column, typed: string) => void;
}

export function BulkEdit({ project, disabled, onSet }: BulkEditProps) {
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<Column | null>(null);
  const [text, setText] = useState("");
  const { data } = useColumns(project, search, open);
  const found = (data?.columns ?? []).filter(isEditable);
  const problem = chosen === null || text === "" ? null : valueProblem(chosen.kind, text);
  const choose = (path: string | null) => {
    const column = found.find((each) => each.path === path) ?? null;
    setChosen(column);
    setText(column?.kind === "bool" ? "true" : "");
  };
  const close = () => {
    setOpen(false);
    choose(null);
  };
  const isReady = chosen !== null && (text !== "" || chosen.kind === "string") && problem === null;
  return (
    <Popover
      opened={open}
      onChange={(wanted) => wanted || close()}
      trapFocus
      // The list of attributes is outside of it.
      closeOnClickOutside={false}
      shadow="md"
      width={300}
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <Button
          size="compact-xs"
          variant="default"
          disabled={disabled}
          onClick={() => (open ? close() : setOpen(true))}
        >
          Set a value
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={8} aria-label="Set a value of the selected runs">
        <form
          className={styles.bulk}
          onSubmit={(event) => {
            event.preventDefault();
            if (!isReady) return;
            onSet(chosen, text);
            close();
          }}
        >
          <PathSelect
            label="Attribute"
            placeholder="Search for an attribute"
            testId="bulk-path"
            value={chosen?.path ?? null}
            options={[...new Set(found.map(({ path }) => path))]}
            onSearch={setSearch}
            onChange={choose}
          />
          {chosen !== null && (
            <ValueField
              label={`New value of ${chosen.path}`}
              kind={chosen.kind}
              isLong={isLongValue(chosen.kind, text)}
              hint={HINTS[chosen.kind] ?? "New value"}
              text={text}
              onText={setText}
            />
          )}
          {problem !== null && <p className={styles.fault}>{problem}</p>}
          <Group justify="flex-end">
            <Button type="submit" size="compact-xs" disabled={!isReady}>
              Set it
            </Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
