/** The cell that every row begins with: a box to select the run, its colour, its key as a link, its name. */

import { Link } from "@tanstack/react-router";
import type { Run } from "#api/types.ts";
import { lineColor, lineDash } from "#base/color.ts";
import { useDark } from "#widgets/dark.ts";
import styles from "./runs-table.module.css";

interface RunCellProps {
  readonly run: Run;
  readonly slot: number;
  readonly selected: boolean;
  readonly onSelect: (toRange: boolean) => void;
}

export function RunCell({ run, slot, selected, onSelect }: RunCellProps) {
  const dark = useDark();
  const [workspace = "", project = ""] = run.project.split("/");
  const color = lineColor(slot, dark);
  const isDashed = lineDash(slot).length > 0;
  return (
    <span className={styles.run}>
      <span className={styles.boxarea}>
        <input
          type="checkbox"
          className={styles.box}
          aria-label={`Select ${run.key}`}
          tabIndex={-1}
          checked={selected}
          onChange={() => undefined}
          onClick={(event) => {
            event.stopPropagation();
            onSelect(event.shiftKey);
          }}
        />
      </span>
      <span
        className={styles.swatch}
        style={isDashed ? { borderColor: color } : { borderColor: color, background: color }}
        aria-hidden="true"
      />
      <Link
        to="/$workspace/$project/runs/$key"
        params={{ workspace, project, key: run.key }}
        className={styles.key}
        tabIndex={-1}
      >
        {run.key}
      </Link>
      <span className={styles.runname} title={run.name}>
        {run.name}
      </span>
    </span>
  );
}
