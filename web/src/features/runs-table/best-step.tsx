/** Asks for the series whose best step says which value of another one is shown. */

import { Button, Group, Modal, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { useColumns } from "#api/queries.ts";
import { PathSelect } from "#widgets/path-select.tsx";
import type { BestStep, ColumnSpec } from "./column-spec.ts";
import styles from "./runs-page.module.css";

interface BestStepDialogProps {
  readonly project: string;
  readonly column: ColumnSpec;
  readonly onClose: () => void;
  readonly onChoose: (at: BestStep) => void;
}

const WORDS = [
  { value: "min", label: "least" },
  { value: "max", label: "greatest" },
];

export function BestStepDialog({ project, column, onClose, onChoose }: BestStepDialogProps) {
  const [search, setSearch] = useState("");
  const [path, setPath] = useState(column.at?.path ?? null);
  const [best, setBest] = useState<BestStep["best"]>(column.at?.best ?? "min");
  const { data } = useColumns(project, search, true);
  const options = (data?.columns ?? []).filter(({ kind }) => kind === "float_series").map((each) => each.path);
  return (
    <Modal
      opened
      onClose={onClose}
      title={`${column.path} at the best step of…`}
      centered
      transitionProps={{ duration: 0 }}
    >
      <PathSelect
        label="Series"
        placeholder="Search for a series"
        testId="best-step-series"
        value={path}
        options={options}
        onSearch={setSearch}
        onChange={setPath}
      />
      <SegmentedControl
        size="xs"
        my={10}
        fullWidth
        aria-label="Which step is the best"
        data={WORDS}
        value={best}
        onChange={(value) => setBest(value === "max" ? "max" : "min")}
      />
      <p className={styles.text}>
        The value at the first step where that series is {best === "min" ? "least" : "greatest"}, or, if there is none
        at that very step, the one before it.
      </p>
      <Group justify="flex-end">
        <Button
          size="xs"
          disabled={path === null}
          onClick={() => {
            if (path !== null) onChoose({ best, path });
            onClose();
          }}
        >
          Show it
        </Button>
      </Group>
    </Modal>
  );
}
