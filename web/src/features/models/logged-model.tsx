/** A model that a run has left behind: what was said and measured of it, and what is in it. */

import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useLoggedModel, useModelsOfRun } from "#api/models.ts";
import type { LoggedModelInfo } from "#api/types.ts";
import { formatNumber } from "#base/numbers.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { RelativeTime } from "#widgets/relative-time.tsx";
import { ModelDetails } from "./model-details.tsx";
import styles from "./models.module.css";
import { RunLink, Tags } from "./words.tsx";

export function LoggedModelView({ id }: { readonly id: string }) {
  const { data, error, refetch } = useLoggedModel(id);
  if (error !== null && data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <div className={styles.page} aria-busy="true" />;
  return <ModelOfRun model={data} uri={`models:/${id}`} />;
}

interface FolderModelViewProps {
  readonly runId: string;
  readonly path: string;
}

/** A folder with a model among the files of a run, as clients before MLflow 3 log it. */
export function FolderModelView({ runId, path }: FolderModelViewProps) {
  const { data, error, refetch } = useModelsOfRun(runId);
  if (error !== null && data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <div className={styles.page} aria-busy="true" />;
  const model = data.models.find(({ files }) => files.run_id === runId && files.path === path);
  if (model === undefined) {
    return (
      <EmptyState title="There is no model here" isPage>
        The run has no file {path}/MLmodel. Look at its files.
      </EmptyState>
    );
  }
  return <ModelOfRun model={model} uri={`runs:/${runId}/${path.replace(/^artifacts\//, "")}`} />;
}

function ModelOfRun({ model, uri }: { readonly model: LoggedModelInfo; readonly uri: string }) {
  useEffect(() => {
    document.title = `${model.name} · Models · Marigram`;
  }, [model.name]);
  const parameters = Object.entries(model.params);
  return (
    <div className={styles.page} data-testid="logged-model">
      <p className={styles.up}>
        <Link to="/models">Models</Link>
      </p>
      <div className={styles.head}>
        <h1 className={styles.title}>{model.name}</h1>
        {model.status !== "ready" && <span className={styles.stage}>{STATUSES[model.status] ?? model.status}</span>}
        <Tags tags={model.tags} />
      </div>
      <dl className={styles.facts}>
        <dt>Run</dt>
        <dd>
          <RunLink run={model.run ?? null} />
        </dd>
        {model.created_at != null && (
          <>
            <dt>Logged</dt>
            <dd>
              <RelativeTime time={model.created_at} />
            </dd>
          </>
        )}
        {model.model_type !== "" && (
          <>
            <dt>Type</dt>
            <dd>{model.model_type}</dd>
          </>
        )}
        <dt>Registered</dt>
        <dd>
          {model.versions.length === 0 && <span className={styles.dim}>not registered</span>}
          <span className={styles.words}>
            {model.versions.map((version) => (
              <Link
                key={`${version.model}/${version.number}`}
                to="/models"
                search={{ name: version.model, version: String(version.number) }}
              >
                {version.model} version {version.number}
              </Link>
            ))}
          </span>
        </dd>
        {parameters.map(([key, value]) => (
          <Fact key={key} name={key} value={value} />
        ))}
      </dl>
      {model.metrics.length > 0 && <Metrics model={model} />}
      <ModelDetails files={model.files} uri={uri} source={null} />
    </div>
  );
}

const STATUSES: Readonly<Record<string, string>> = {
  pending: "Still being logged",
  failed: "Its upload has failed",
  unspecified: "Not known whether it is complete",
};

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function Metrics({ model }: { readonly model: LoggedModelInfo }) {
  return (
    <>
      <h2 className={styles.subtitle}>Measured</h2>
      <div className={styles.scroller} tabIndex={0} role="region" aria-label="Metrics of the model">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col">Value</th>
              <th scope="col">Step</th>
              <th scope="col">Data set</th>
            </tr>
          </thead>
          <tbody>
            {model.metrics.map((metric) => (
              <tr key={`${metric.key} ${metric.step} ${metric.time}`}>
                <td>{metric.key}</td>
                <td>{typeof metric.value === "number" ? formatNumber(metric.value) : metric.value}</td>
                <td>{metric.step}</td>
                <td>{metric.dataset_name ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
