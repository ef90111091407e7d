/** What one cell of the table shows. */

import type { RunRow } from "#api/types.ts";
import { Duration } from "#widgets/duration.tsx";
import { RelativeTime } from "#widgets/relative-time.tsx";
import { StatusBadge } from "#widgets/status-badge.tsx";
import { columnText } from "./cells.ts";
import { type ColumnSpec, TAGS_PATH } from "./column-spec.ts";
import styles from "./runs-table.module.css";

/** Every column but the run's own. */
export function TableCell({ row, column }: { readonly row: RunRow; readonly column: ColumnSpec }) {
  const { run } = row;
  switch (column.path) {
    case "sys/state":
      return <StatusBadge status={run.status} />;
    case "sys/creation_time":
      return <RelativeTime time={run.created_at} />;
    case "sys/running_time":
      return <Duration run={run} />;
    case TAGS_PATH:
      return (
        <span className={styles.tags}>
          {run.tags.map((tag) => (
            <span key={tag} className={styles.tag}>
              {tag}
            </span>
          ))}
        </span>
      );
    default: {
      const text = columnText(row, column);
      return <span title={text}>{text}</span>;
    }
  }
}
