/** What runs are grouped by, paths or what stands for series, from the outermost in: added, taken away, moved outwards. */

import { Button, CloseButton, TextInput } from "@mantine/core";
import { useId, useState } from "react";
import { isOpenCall } from "#base/query-rows.ts";
import { PreviousIcon } from "#widgets/icons.tsx";
import styles from "./groups-table.module.css";
import { useOperands } from "./use-operands.ts";

/** The server groups by no more. */
const MOST_PATHS = 5;
const OWN_PATHS = ["sys/state"];

interface GroupingProps {
  readonly project: string;
  readonly by: readonly string[];
  readonly onBy: (by: readonly string[]) => void;
}

export function Grouping({ project, by, onBy }: GroupingProps) {
  const list = useId();
  const [path, setPath] = useState("");
  const options = useOperands(project, path.trim(), OWN_PATHS);
  const add = () => {
    const wanted = path.trim();
    if (isOpenCall(wanted)) return;
    if (wanted !== "" && !by.includes(wanted)) onBy([...by, wanted]);
    setPath("");
  };
  const outwards = (at: number) => {
    const next = [...by];
    next.splice(at - 1, 0, ...next.splice(at, 1));
    onBy(next);
  };
  return (
    <div className={styles.grouping} data-testid="grouping">
      Grouped by
      {by.map((one, at) => (
        <span key={one} className={styles.chip} data-testid="grouped-by">
          {at > 0 && (
            <button
              type="button"
              className={styles.outwards}
              aria-label={`Group by ${one} before ${by[at - 1]}`}
              onClick={() => outwards(at)}
            >
              <PreviousIcon size={10} />
            </button>
          )}
          {one}
          <CloseButton
            size={16}
            aria-label={`Do not group by ${one}`}
            onClick={() => onBy(by.filter((held) => held !== one))}
          />
        </span>
      ))}
      {by.length < MOST_PATHS && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            add();
          }}
        >
          <TextInput
            size="xs"
            aria-label="Group by one more path"
            placeholder="then by…"
            list={list}
            autoComplete="off"
            value={path}
            onChange={(event) => setPath(event.currentTarget.value)}
          />
          <datalist id={list}>
            {options.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </form>
      )}
      <Button size="compact-xs" variant="default" onClick={() => onBy([])}>
        Back to the runs
      </Button>
    </div>
  );
}
