/** Small things that several pages about models show: aliases, tags, stages and the run that a model came from. */

import { Link } from "@tanstack/react-router";
import type { ModelStage, RunName } from "#api/types.ts";
import styles from "./models.module.css";

/** Tags by which clients keep books; they say nothing to people. */
const HIDDEN_TAG = /^mlflow\./;

interface AliasesProps {
  readonly aliases: Readonly<Record<string, number>> | undefined;
  /** Only those that stand for this version. */
  readonly version?: number;
}

export function Aliases({ aliases, version }: AliasesProps) {
  const shown = Object.entries(aliases ?? {}).filter(([, number]) => version === undefined || number === version);
  return (
    <span className={styles.words}>
      {shown.map(([alias, number]) => (
        <span key={alias} className={styles.alias} data-testid="model-alias">
          @{alias}
          {version === undefined && <span className={styles.dim}> → {number}</span>}
        </span>
      ))}
    </span>
  );
}

export function Tags({ tags }: { readonly tags: Readonly<Record<string, string>> | undefined }) {
  const shown = Object.entries(tags ?? {}).filter(([key]) => !HIDDEN_TAG.test(key));
  return (
    <span className={styles.words}>
      {shown.map(([key, value]) => (
        <span key={key} className={styles.tag}>
          {key}
          {value !== "" && `: ${value}`}
        </span>
      ))}
    </span>
  );
}

const STAGES: Readonly<Record<ModelStage, string>> = {
  none: "",
  staging: "Staging",
  production: "Production",
  archived: "Archived",
};

export function Stage({ stage }: { readonly stage: ModelStage | undefined }) {
  if (stage === undefined || stage === "none") return null;
  return (
    <span className={styles.stage} data-stage={stage}>
      {STAGES[stage]}
    </span>
  );
}

export function RunLink({ run }: { readonly run: RunName | null }) {
  if (run === null) return <span className={styles.dim}>not known</span>;
  const [workspace = "", project = ""] = run.project.split("/");
  return (
    <span className={styles.words}>
      <Link to="/$workspace/$project/runs/$key" params={{ workspace, project, key: run.key }}>
        {run.key}
      </Link>
      {run.name !== "" && <span className={styles.dim}>{run.name}</span>}
    </span>
  );
}
