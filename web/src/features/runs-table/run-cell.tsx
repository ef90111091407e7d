/**
 * The cell that every row begins with: a box to select the run, its colour, its key as a link, its name.
 *
 * A selected run has an eye in its colour, by which it is left out of the charts of the selected runs.
 */

import { Link } from "@tanstack/react-router";
import type { Run } from "#api/types.ts";
import { lineColor, lineDash } from "#base/color.ts";
import { useDark } from "#widgets/dark.ts";
import { EyeIcon, EyeOffIcon } from "#widgets/icons.tsx";
import styles from "./runs-table.module.css";

interface RunCellProps {
  readonly run: Run;
  readonly slot: number;
  readonly selected: boolean;
  /** Whether charts leave the run out. */
  readonly hidden: boolean;
  readonly onSelect: (toRange: boolean) => void;
  readonly onHide: (away: boolean) => void;
}

export function RunCell({ run, slot, selected, hidden, onSelect, onHide }: RunCellProps) {
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
      {selected ? (
        <button
          type="button"
          className={styles.eye}
          style={{ color }}
          aria-label={`Show ${run.key} in charts`}
          aria-pressed={!hidden}
          data-testid="eye"
          tabIndex={-1}
          onClick={() => onHide(!hidden)}
        >
          {hidden ? <EyeOffIcon size={14} /> : <EyeIcon size={14} />}
        </button>
      ) : (
        <span
          className={styles.swatch}
          style={isDashed ? { borderColor: color } : { borderColor: color, background: color }}
          aria-hidden="true"
        />
      )}
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
