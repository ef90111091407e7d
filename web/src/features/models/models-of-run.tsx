/** Links to the models that a run has left behind, in one line. */

import { Link } from "@tanstack/react-router";
import { useModelsOfRun } from "#api/models.ts";
import type { LoggedModelInfo, Run } from "#api/types.ts";
import styles from "./models.module.css";

export function ModelsOfRun({ run }: { readonly run: Run }) {
  const { data } = useModelsOfRun(run.id);
  if (data === undefined || data.models.length === 0) return null;
  return (
    <span className={styles.ofRun} data-testid="models-of-run">
      <span className={styles.dim}>{data.models.length === 1 ? "Model" : "Models"}</span>
      {data.models.map((model) => (
        <span key={model.id ?? model.files.path} className={styles.words}>
          <Link to="/models" search={addressOf(model)}>
            {model.name}
          </Link>
          {model.versions.map((version) => (
            <Link
              key={`${version.model}/${version.number}`}
              className={styles.registered}
              to="/models"
              search={{ name: version.model, version: String(version.number) }}
            >
              {version.model} v{version.number}
            </Link>
          ))}
        </span>
      ))}
    </span>
  );
}

function addressOf({ id, files }: LoggedModelInfo) {
  return id === null || id === undefined ? { run: files.run_id, path: files.path } : { logged: id };
}
