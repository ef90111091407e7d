/** The processes of a run and the hardware they used. The panels are handed in: charts are another feature. */

import type { ReactNode } from "react";
import type { AttributeInfo } from "#api/types.ts";
import { CopyButton } from "#widgets/copy-button.tsx";
import styles from "./monitoring-tab.module.css";
import { type Process, processesOf, sectionTitle, titleOf } from "./processes.ts";
import { unitOf } from "./units.ts";

interface MonitoringTabProps {
  /** What is said of each process. */
  readonly attributes: readonly AttributeInfo[];
  /** Draws the panels; `nameOf` gives a section the name of its process, `unitOf` a series its unit. */
  readonly panels: (nameOf: (namespace: string) => string, unitOf: (path: string) => string | null) => ReactNode;
}

export function MonitoringTab({ attributes, panels }: MonitoringTabProps) {
  const processes = processesOf(attributes);
  const nameOf = (namespace: string) => sectionTitle(namespace, processes);
  const told = processes.filter(({ facts }) => facts.length > 0);
  return (
    <>
      {told.length > 0 && (
        <div className={styles.processes}>
          {told.map((process) => (
            <ProcessFacts key={process.namespace} process={process} named={told.length > 1} />
          ))}
        </div>
      )}
      {panels(nameOf, unitOf)}
    </>
  );
}

interface ProcessFactsProps {
  readonly process: Process;
  /** Whether its name is needed to tell it from others. */
  readonly named: boolean;
}

function ProcessFacts({ process, named }: ProcessFactsProps) {
  return (
    <dl className={styles.facts} aria-label={titleOf(process)}>
      {named && (
        <div className={styles.fact}>
          <dt>process</dt>
          <dd>
            <strong>{titleOf(process)}</strong>
          </dd>
        </div>
      )}
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
