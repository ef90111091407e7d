/** A run on one page: notes, who ran it where, what it was given, and what came out. */

import { Anchor } from "@mantine/core";
import type { ReactNode } from "react";
import { cellText } from "#api/cells.ts";
import { useOverview } from "#api/overview.ts";
import type { AttributeInfo, Run } from "#api/types.ts";
import { formatCount, formatNumber } from "#base/numbers.ts";
import { CopyButton } from "#widgets/copy-button.tsx";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { Part } from "#widgets/part.tsx";
import { Waiting } from "#widgets/waiting.tsx";
import { factsOf } from "./facts.ts";
import { Notes } from "./notes.tsx";
import styles from "./overview-tab.module.css";

interface OverviewTabProps {
  readonly run: Run;
  /** What stands below `sys/`. */
  readonly system: readonly AttributeInfo[];
  /** Values below `source_code/`. */
  readonly source: readonly AttributeInfo[];
  /** Show a series as a chart, or all attributes. */
  readonly onOpen: (tab: "charts" | "attributes", path?: string) => void;
}

export function OverviewTab({ run, system, source, onOpen }: OverviewTabProps) {
  const { data, error, refetch } = useOverview(run.id, run.status === "running");
  const facts = factsOf(system, source);
  return (
    <div className={styles.page}>
      <div className={styles.column}>
        <Part title="Notes">
          <Notes run={run} text={facts.notes} />
        </Part>
        <Part title="About">
          <dl className={styles.facts}>
            <Fact name="id">
              <code>{run.id}</code>
              <CopyButton text={run.id} label="Copy id" size={20} />
            </Fact>
            {facts.facts.map(({ name, text }) => (
              <Fact key={name} name={name}>
                <span>{text}</span>
              </Fact>
            ))}
          </dl>
        </Part>
      </div>
      {data === undefined ? (
        error === null ? (
          <Waiting />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <>
          <Part title="Parameters" count={data.value_count}>
            {data.values.length === 0 ? (
              <EmptyState title="No parameters yet">
                Log them with <code>run["lr"] = 0.01</code>, or a whole dict.
              </EmptyState>
            ) : (
              <Rows label="Parameters" head={["Path", "Value"]}>
                {data.values.map((attribute) => (
                  <tr key={attribute.path} data-testid="overview-value" data-path={attribute.path}>
                    <th scope="row">{attribute.path}</th>
                    <td className={styles.text} title={cellText(attribute)}>
                      {cellText(attribute)}
                    </td>
                  </tr>
                ))}
              </Rows>
            )}
            <More shown={data.values.length} count={data.value_count} onOpen={() => onOpen("attributes")} />
          </Part>
          <Part title="Metrics" count={data.series_count}>
            {data.series.length === 0 ? (
              <EmptyState title="No metrics yet">
                Log one with <code>run["train/loss"].append(0.5)</code>.
              </EmptyState>
            ) : (
              <Rows label="Metrics" head={["Path", "Last", "Least", "Greatest", "Points"]}>
                {data.series.map((attribute) => (
                  <tr key={attribute.path} data-testid="overview-series" data-path={attribute.path}>
                    <th scope="row">
                      <Anchor
                        component="button"
                        type="button"
                        fz="inherit"
                        onClick={() => onOpen("charts", attribute.path)}
                      >
                        {attribute.path}
                      </Anchor>
                    </th>
                    <td>{cellText(attribute)}</td>
                    <td>{extreme(attribute.series?.min)}</td>
                    <td>{extreme(attribute.series?.max)}</td>
                    <td>{formatCount(attribute.series?.count ?? 0)}</td>
                  </tr>
                ))}
              </Rows>
            )}
            <More shown={data.series.length} count={data.series_count} onOpen={() => onOpen("attributes")} />
          </Part>
        </>
      )}
    </div>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface RowsProps {
  readonly label: string;
  readonly head: readonly string[];
  readonly children: ReactNode;
}

function Rows({ label, head, children }: RowsProps) {
  return (
    <div className={styles.scroller} role="region" aria-label={label} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

interface MoreProps {
  readonly shown: number;
  readonly count: number;
  readonly onOpen: () => void;
}

function More({ shown, count, onOpen }: MoreProps) {
  if (count <= shown) return null;
  return (
    <p className={styles.more}>
      The first {formatCount(shown)} of {formatCount(count)}.{" "}
      <Anchor component="button" type="button" fz="inherit" onClick={onOpen}>
        Search all attributes
      </Anchor>
    </p>
  );
}

function extreme(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : formatNumber(value);
}
