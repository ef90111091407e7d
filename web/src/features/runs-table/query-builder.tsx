/** Makes one condition from three fields and adds it to the query. */

import { Button, Group, NativeSelect, Popover, TextInput } from "@mantine/core";
import { useId, useState } from "react";
import { useColumns } from "#api/queries.ts";
import { condition, OPERATORS, STATES, withCondition } from "#base/query-completion.ts";
import styles from "./query-box.module.css";

interface QueryBuilderProps {
  readonly project: string;
  readonly query: string;
  readonly onChange: (query: string) => void;
}

const OWN_PATHS = ["sys/state", "sys/name", "sys/tags", "sys/creation_time", "sys/running_time"];

export function QueryBuilder({ project, query, onChange }: QueryBuilderProps) {
  const paths = useId();
  const values = useId();
  const [open, setOpen] = useState(false);
  const [path, setPath] = useState("");
  const [operator, setOperator] = useState<string>("=");
  const [value, setValue] = useState("");
  const { data } = useColumns(project, path.trim(), open);
  const takesValue = !operator.endsWith("EXISTS");
  const complete = path.trim() !== "" && (!takesValue || value.trim() !== "");
  const text = complete ? condition(path.trim(), operator, value.trim()) : "";
  const add = () => {
    if (!complete) return;
    onChange(withCondition(query, text));
    setOpen(false);
    setPath("");
    setValue("");
  };
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position="bottom-start"
      width={300}
      trapFocus
      shadow="md"
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          aria-label="Add a condition to the filter"
          onClick={() => setOpen(!open)}
          data-testid="query-builder"
        >
          + Filter
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={10} aria-label="Add a condition">
        <form
          className={styles.fields}
          onSubmit={(event) => {
            event.preventDefault();
            add();
          }}
        >
          <TextInput
            size="xs"
            label="Path"
            placeholder="train/loss"
            list={paths}
            data-autofocus
            autoComplete="off"
            value={path}
            onChange={(event) => setPath(event.currentTarget.value)}
          />
          <datalist id={paths}>
            {[...OWN_PATHS, ...(data?.columns ?? []).map((column) => column.path)].map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
          <NativeSelect
            size="xs"
            label="Comparison"
            data={[...OPERATORS]}
            value={operator}
            onChange={(event) => setOperator(event.currentTarget.value)}
          />
          {takesValue && (
            <TextInput
              size="xs"
              label="Value"
              placeholder={path === "sys/creation_time" ? "2026-01-31 or -2d" : "0.5"}
              list={values}
              autoComplete="off"
              value={value}
              onChange={(event) => setValue(event.currentTarget.value)}
            />
          )}
          <datalist id={values}>
            {path === "sys/state" && STATES.map((one) => <option key={one} value={one} />)}
          </datalist>
          {text !== "" && <pre className={styles.preview}>{text}</pre>}
          <Group justify="flex-end">
            <Button type="submit" size="compact-xs" disabled={!complete}>
              Add
            </Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
