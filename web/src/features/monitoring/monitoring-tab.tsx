/** The processes of a run and the hardware they used. The panels are handed in: charts are another feature. */

import type { ReactNode } from "react";
import type { AttributeInfo } from "#api/types.ts";
import { CopyButton } from "#widgets/copy-button.tsx";
import styles from "./monitoring-tab.module.css";
import { type Process, processesOf } from "./processes.ts";

interface MonitoringTabProps {
  readonly attributes: readonly AttributeInfo[];
  /** Draws the panels of `paths`; `nameOf` gives a section the name of its process. */
  readonly panels: (paths: readonly string[], nameOf: (namespace: string) => string) => ReactNode;
}

export function MonitoringTab({ attributes, panels }: MonitoringTabProps) {
  const processes = processesOf(attributes);
  const paths = attributes
    .filter(({ kind, path }) => kind === "float_series" && path.startsWith("monitoring/"))
    .map(({ path }) => path);
  const nameOf = (namespace: string) => {
    const process = processes.find((one) => one.namespace === namespace);
    return process === undefined ? namespace.replace(/^monitoring\//, "") : titleOf(process);
  };
  const told = processes.filter(({ facts }) => facts.length > 0);
  return (
    <>
      {told.length > 0 && (
        <div className={styles.processes}>
          {told.map((process) => (
            <ProcessFacts key={process.namespace} process={process} />
          ))}
        </div>
      )}
      {panels(paths, nameOf)}
    </>
  );
}

function titleOf({ namespace, host, pid }: Process): string {
  if (host === null) return namespace.replace(/^monitoring\//, "");
  return pid === null ? host : `${host} · process ${pid}`;
}

function ProcessFacts({ process }: { readonly process: Process }) {
  return (
    <dl className={styles.facts}>
      {process.facts.map(({ name, value }) => (
        <div key={name} className={styles.fact}>
          <dt>{name}</dt>
          <dd title={value}>
            <span>{value}</span>
            {name === "command line" && <CopyButton text={value} label="Copy command line" size={20} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}
