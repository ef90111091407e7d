/** A registered model: its versions, and what is in the one that is looked at. */

import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useRegisteredModel } from "#api/models.ts";
import type { ModelVersionInfo, RegisteredModel } from "#api/types.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { RelativeTime } from "#widgets/relative-time.tsx";
import { ModelDetails } from "./model-details.tsx";
import styles from "./models.module.css";
import { Aliases, RunLink, Stage, Tags } from "./words.tsx";

interface RegisteredModelViewProps {
  readonly name: string;
  /** The version that is looked at; the newest if none is named. */
  readonly version: string | undefined;
}

export function RegisteredModelView({ name, version }: RegisteredModelViewProps) {
  const { data, error, refetch } = useRegisteredModel(name);
  useEffect(() => {
    document.title = `${name} · Models · Marigram`;
  }, [name]);
  if (error !== null && data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <div className={styles.page} aria-busy="true" />;
  const { model, versions } = data;
  const shown = version === undefined ? versions[0] : versions.find((each) => String(each.version.number) === version);
  return (
    <div className={styles.page} data-testid="registered-model">
      <p className={styles.up}>
        <Link to="/models">Models</Link>
      </p>
      <div className={styles.head}>
        <h1 className={styles.title}>{model.name}</h1>
        <Tags tags={model.tags} />
      </div>
      {model.description && <p className={styles.text}>{model.description}</p>}
      <h2 className={styles.subtitle}>Versions</h2>
      {versions.length === 0 ? (
        <EmptyState title="It has no versions yet">Register one: mlflow.register_model(uri, name).</EmptyState>
      ) : (
        <Versions model={model} versions={versions} shown={shown} />
      )}
      {version !== undefined && shown === undefined && (
        <EmptyState title={`There is no version ${version}`}>Choose one from the list above.</EmptyState>
      )}
      {shown !== undefined && (
        <>
          <h2 className={styles.subtitle}>Version {shown.version.number}</h2>
          {shown.version.description && <p className={styles.text}>{shown.version.description}</p>}
          <ModelDetails
            files={shown.version.files ?? null}
            uri={`models:/${model.name}/${shown.version.number}`}
            source={shown.version.source}
          />
        </>
      )}
    </div>
  );
}

interface VersionsProps {
  readonly model: RegisteredModel;
  readonly versions: readonly ModelVersionInfo[];
  readonly shown: ModelVersionInfo | undefined;
}

function Versions({ model, versions, shown }: VersionsProps) {
  return (
    <div className={styles.scroller} tabIndex={0} role="region" aria-label="Versions">
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">Aliases</th>
            <th scope="col">Stage</th>
            <th scope="col">Tags</th>
            <th scope="col">Run</th>
            <th scope="col" className={styles.when}>
              Registered
            </th>
          </tr>
        </thead>
        <tbody>
          {versions.map(({ version, run }) => (
            <tr key={version.number} data-testid="version-row" data-current={version === shown?.version}>
              <td>
                <Link
                  className={styles.name}
                  to="/models"
                  search={{ name: model.name, version: String(version.number) }}
                  aria-current={version === shown?.version ? "true" : undefined}
                >
                  Version {version.number}
                </Link>
              </td>
              <td>
                <Aliases aliases={model.aliases} version={version.number} />
              </td>
              <td>
                <Stage stage={version.stage} />
              </td>
              <td>
                <Tags tags={version.tags} />
              </td>
              <td>
                <RunLink run={run ?? null} />
              </td>
              <td className={styles.when}>
                <RelativeTime time={version.created_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
