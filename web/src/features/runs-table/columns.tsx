/** The columns of the runs table: those that every run has, then those of the project's attributes. */

import { Link } from "@tanstack/react-router";
import { columnResizingFeature, columnSizingFeature, createColumnHelper, tableFeatures } from "@tanstack/react-table";
import type { Column, RunRow } from "#api/types.ts";
import { leafOf, namespaceOf } from "#base/path.ts";
import { Duration } from "#widgets/duration.tsx";
import { RelativeTime } from "#widgets/relative-time.tsx";
import { StatusBadge } from "#widgets/status-badge.tsx";
import { cellText, isNumeric } from "./cells.ts";
import styles from "./runs-page.module.css";

export const features = tableFeatures({ columnSizingFeature, columnResizingFeature });

const helper = createColumnHelper<typeof features, RunRow>();

/** Ids of columns are what `sort` calls them. */
const FIXED = helper.columns([
  helper.display({
    id: "sys/name",
    header: "Run",
    size: 260,
    cell: ({ row }) => {
      const { name, key, project: full } = row.original.run;
      const [workspace = "", project = ""] = full.split("/");
      return (
        <span className={styles.run}>
          <Link
            to="/$workspace/$project/runs/$key"
            params={{ workspace, project, key }}
            className={styles.key}
            tabIndex={-1}
          >
            {key}
          </Link>
          <span className={styles.runname} title={name}>
            {name}
          </span>
        </span>
      );
    },
  }),
  helper.display({
    id: "sys/state",
    header: "Status",
    size: 100,
    cell: ({ row }) => <StatusBadge status={row.original.run.status} />,
  }),
  helper.display({
    id: "sys/creation_time",
    header: "Created",
    size: 96,
    cell: ({ row }) => <RelativeTime time={row.original.run.created_at} />,
  }),
  helper.display({
    id: "sys/running_time",
    header: "Duration",
    size: 92,
    cell: ({ row }) => <Duration run={row.original.run} />,
  }),
  helper.display({
    id: "tags",
    header: "Tags",
    size: 172,
    cell: ({ row }) => (
      <span className={styles.tags}>
        {row.original.run.tags.map((tag) => (
          <span key={tag} className={styles.tag}>
            {tag}
          </span>
        ))}
      </span>
    ),
  }),
]);

export function tableColumns(columns: readonly Column[]) {
  return [
    ...FIXED,
    ...columns.map((column) =>
      helper.display({
        id: column.path,
        header: () => <PathHeader path={column.path} />,
        size: widthOf(column),
        cell: ({ row }) => {
          const text = cellText(row.original.cells[column.path]);
          return <span title={text}>{text}</span>;
        },
      }),
    ),
  ];
}

export function isNumericColumn(path: string, columns: readonly Column[]): boolean {
  if (path === "sys/running_time") return true;
  const column = columns.find((one) => one.path === path);
  return column !== undefined && isNumeric(column.kind);
}

/** The leaf says what it is; the namespace is smaller, above it. */
function PathHeader({ path }: { readonly path: string }) {
  const namespace = namespaceOf(path);
  return (
    <span className={styles.path} title={path}>
      {namespace !== "" && <span className={styles.namespace}>{namespace}/</span>}
      <span className={styles.leaf}>{leafOf(path)}</span>
    </span>
  );
}

const CHARACTER_WIDTH = 7.2;

function widthOf({ path, kind }: Column): number {
  const header = Math.max(leafOf(path).length, namespaceOf(path).length * 0.9) * CHARACTER_WIDTH + 36;
  const smallest = isNumeric(kind) || kind === "bool" ? 104 : 130;
  return Math.round(Math.min(260, Math.max(smallest, header)));
}
