/** The filter as rows of path, comparison and value: they write the query. What rows cannot say stays as it is. */

import { ActionIcon, Button, Group, NativeSelect, Popover, TextInput } from "@mantine/core";
import { type Ref, useId, useRef, useState } from "react";
import { OPERATORS, STATES, withCondition } from "#base/query-completion.ts";
import { isComplete, type QueryRow, queryOf, rowsOf, rowText, takesValue } from "#base/query-rows.ts";
import { isQuery } from "#base/query-text.ts";
import { CloseIcon } from "#widgets/icons.tsx";
import styles from "./query-box.module.css";
import { useOperands, useTexts } from "./use-operands.ts";

interface QueryBuilderProps {
  readonly project: string;
  readonly query: string;
  readonly onChange: (query: string) => void;
}

const OWN_PATHS = ["sys/state", "sys/name", "sys/tags", "sys/creation_time", "sys/running_time"];
const NEW: QueryRow = { path: "", operator: "=", value: "" };

export function QueryBuilder({ project, query, onChange }: QueryBuilderProps) {
  const [open, setOpen] = useState(false);
  const [added, setAdded] = useState(NEW);
  const first = useRef<HTMLInputElement>(null);
  // Words and a query have one field, which cannot hold both.
  const isWords = query.trim() !== "" && !isQuery(query);
  const rows = isWords ? [] : rowsOf(query);
  const add = () => {
    if (!isComplete(added)) return;
    const tidy = { ...added, value: added.value.trim() };
    onChange(rows === null ? withCondition(query, rowText(tidy)) : queryOf([...rows, tidy]));
    setAdded(NEW);
    first.current?.focus();
  };
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position="bottom-end"
      width="min(560px, 94vw)"
      trapFocus
      shadow="md"
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          aria-label="Build the filter"
          onClick={() => setOpen(!open)}
          data-testid="query-builder"
        >
          + Filter
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={10} aria-label="Build the filter">
        {isWords && <p className={styles.hint}>A condition takes the place of the words in the filter.</p>}
        {rows === null && (
          <>
            <p className={styles.hint}>This filter says more than rows can. A new condition has to hold beside it.</p>
            <pre className={styles.preview}>{query}</pre>
          </>
        )}
        {rows?.map((row, index) => (
          <EditedRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is what stands at its place, and keeps the focus there.
            key={index}
            project={project}
            row={row}
            number={index + 1}
            onChange={(next) => onChange(queryOf(rows.map((held, at) => (at === index ? next : held))))}
            onRemove={() => onChange(queryOf(rows.filter((_, at) => at !== index)))}
          />
        ))}
        <form
          data-testid="new-condition"
          onSubmit={(event) => {
            event.preventDefault();
            add();
          }}
        >
          <RowFields project={project} row={added} label="" inputRef={first} onChange={setAdded} />
          <Group justify="flex-end" mt={8}>
            <Button type="submit" size="compact-xs" disabled={!isComplete(added)}>
              Add
            </Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

interface EditedRowProps {
  readonly project: string;
  readonly row: QueryRow;
  readonly number: number;
  readonly onChange: (row: QueryRow) => void;
  readonly onRemove: () => void;
}

/** A condition of the query; what is typed counts when one presses Enter or goes on. */
function EditedRow({ project, row, number, onChange, onRemove }: EditedRowProps) {
  const [typed, setTyped] = useState(row);
  const [before, setBefore] = useState(row);
  if (rowText(before) !== rowText(row)) {
    // The query was changed: by this row, by another one, or in the field.
    setBefore(row);
    setTyped(row);
  }
  const apply = (next: QueryRow) => {
    // Spaces that were there before are meant.
    const tidy = next.value === row.value ? next : { ...next, value: next.value.trim() };
    if (isComplete(tidy) && rowText(tidy) !== rowText(row)) onChange(tidy);
  };
  return (
    <form
      className={styles.row}
      data-testid="condition"
      onSubmit={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        // A form of several fields and without a button to send it takes no Enter by itself.
        if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) apply(typed);
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) apply(typed);
      }}
    >
      <RowFields project={project} row={typed} label={` of condition ${number}`} onChange={setTyped} />
      <ActionIcon
        type="button"
        variant="subtle"
        color="gray"
        size={26}
        aria-label={`Remove condition ${number}`}
        onClick={onRemove}
      >
        <CloseIcon size={12} />
      </ActionIcon>
    </form>
  );
}

interface RowFieldsProps {
  readonly project: string;
  readonly row: QueryRow;
  /** What the names of the fields end with. */
  readonly label: string;
  /** The field that has the focus when the rows are opened. */
  readonly inputRef?: Ref<HTMLInputElement>;
  readonly onChange: (row: QueryRow) => void;
}

function RowFields({ project, row, label, inputRef, onChange }: RowFieldsProps) {
  const paths = useId();
  const values = useId();
  const path = row.path.trim();
  const options = useOperands(project, path, OWN_PATHS);
  const texts = useTexts(project, path);
  return (
    <div className={styles.fields}>
      <TextInput
        size="xs"
        aria-label={`Path${label}`}
        placeholder="train/loss"
        list={paths}
        {...(inputRef === undefined ? {} : { ref: inputRef, "data-autofocus": true })}
        autoComplete="off"
        value={row.path}
        onChange={(event) => onChange({ ...row, path: event.currentTarget.value })}
      />
      <datalist id={paths}>
        {options.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <NativeSelect
        size="xs"
        aria-label={`Comparison${label}`}
        data={[...OPERATORS]}
        value={row.operator}
        onChange={(event) => onChange({ ...row, operator: event.currentTarget.value })}
      />
      {takesValue(row.operator) && (
        <TextInput
          size="xs"
          aria-label={`Value${label}`}
          placeholder={path === "sys/creation_time" ? "2026-01-31 or -2d" : "0.5"}
          list={values}
          autoComplete="off"
          value={row.value}
          onChange={(event) => onChange({ ...row, value: event.currentTarget.value })}
        />
      )}
      <datalist id={values}>
        {(path === "sys/state" ? STATES : texts).map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </div>
  );
}
