/** Which attributes name the compared runs, in the list and in all charts. */

import { Pill } from "@mantine/core";
import { useState } from "react";
import { useColumns } from "#api/queries.ts";
import { leafOf } from "#base/path.ts";
import { PathSelect } from "#widgets/path-select.tsx";
import styles from "./compare-page.module.css";
import type { CompareView } from "./compare-page.tsx";

interface NamingProps {
  readonly project: string;
  readonly view: CompareView;
  readonly onView: (patch: CompareView) => void;
}

const NO_PATHS: readonly string[] = [];

export function Naming({ project, view, onView }: NamingProps) {
  const [search, setSearch] = useState("");
  const { data } = useColumns(project, search, true);
  const chosen = view.legend ?? NO_PATHS;
  const found = (data?.columns ?? []).filter(({ kind }) => !OTHERS.includes(kind)).map(({ path }) => path);
  const tell = (next: readonly string[]) => onView({ legend: next.length === 0 ? undefined : next });
  return (
    <>
      <PathSelect
        label="Name runs by"
        placeholder={chosen.length === 0 ? "Name runs by attributes" : "Add another attribute"}
        testId="name-by"
        value={null}
        options={[...new Set(found)].filter((path) => !chosen.includes(path))}
        onSearch={setSearch}
        onChange={(path) => path !== null && tell([...chosen, path])}
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
              onRemove={() => tell(chosen.filter((each) => each !== path))}
            >
              {leafOf(path)}
            </Pill>
          ))}
        </Pill.Group>
      )}
    </>
  );
}

const OTHERS: readonly string[] = ["file", "file_series", "string_series", "histogram_series"];
