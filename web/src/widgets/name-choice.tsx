/** Which attributes name runs: a field that adds one, and those that are chosen. */

import { Pill } from "@mantine/core";
import { leafOf } from "#base/path.ts";
import styles from "./name-choice.module.css";
import { PathSelect } from "./path-select.tsx";

interface NameChoiceProps {
  readonly chosen: readonly string[];
  /** Attributes that fit what was typed. */
  readonly options: readonly string[];
  readonly onSearch: (text: string) => void;
  readonly onChange: (chosen: readonly string[]) => void;
  readonly className?: string | undefined;
}

export function NameChoice({ chosen, options, onSearch, onChange, className }: NameChoiceProps) {
  return (
    <>
      <PathSelect
        label="Name runs by"
        placeholder={chosen.length === 0 ? "Name runs by attributes" : "Add another attribute"}
        className={className}
        testId="name-by"
        value={null}
        options={options.filter((path) => !chosen.includes(path))}
        onSearch={onSearch}
        onChange={(path) => path !== null && onChange([...chosen, path])}
      />
      {chosen.length > 0 && (
        <Pill.Group className={styles.pills ?? ""}>
          {chosen.map((path) => (
            <Pill
              key={path}
              size="xs"
              title={path}
              withRemoveButton
              removeButtonProps={{ "aria-label": `Name runs without ${path}`, "aria-hidden": false, tabIndex: 0 }}
              onRemove={() => onChange(chosen.filter((each) => each !== path))}
            >
              {leafOf(path)}
            </Pill>
          ))}
        </Pill.Group>
      )}
    </>
  );
}
