/** The registry: all models that have a name on this server, with the version that is newest. */

import { Skeleton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useRegisteredModels } from "#api/models.ts";
import type { RegisteredModelInfo } from "#api/types.ts";
import { modelFor } from "#base/client-lines.ts";
import { formatCount } from "#base/numbers.ts";
import { CodeStep } from "#widgets/code-step.tsx";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { RelativeTime } from "#widgets/relative-time.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import styles from "./models.module.css";
import { Aliases, RunLink, Tags } from "./words.tsx";

/** More models than one sees at a glance get a filter. */
const FILTERED_FROM = 8;

interface ModelsPageProps {
  /** Words that the models' names and tags hold. */
  readonly words: string;
  readonly onWords: (words: string) => void;
}

export function ModelsPage({ words, onWords }: ModelsPageProps) {
  const { data, error, refetch } = useRegisteredModels();
  useEffect(() => {
    document.title = "Models · Marigram";
  }, []);
  if (error !== null && data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data === undefined) {
    return (
      <div className={styles.page} aria-busy="true">
        <Skeleton height={32} mb={8} />
      </div>
    );
  }
  const wanted = words.toLowerCase().split(/\s+/);
  const shown = data.models.filter((each) => {
    const text = `${each.model.name} ${Object.values(each.model.tags ?? {}).join(" ")}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1 className={styles.title}>Models</h1>
        <span className={styles.dim}>{formatCount(data.models.length)}</span>
        {data.models.length >= FILTERED_FROM && (
          <SearchInput className={styles.search} value={words} onChange={onWords} label="Filter models" pause={0} />
        )}
      </div>
      {data.models.length === 0 ? (
        <EmptyState
          title="No model is registered yet"
          start={<CodeStep number={null} title="A script that registers one" text={modelFor(window.location.origin)} />}
        >
          Register one with MLflow's client.
        </EmptyState>
      ) : (
        <div className={styles.scroller} tabIndex={0} role="region" aria-label="Registered models">
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Model</th>
                <th scope="col">Newest version</th>
                <th scope="col">Aliases</th>
                <th scope="col">Tags</th>
                <th scope="col">Run</th>
                <th scope="col" className={styles.when}>
                  Changed
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((each) => (
                <Row key={each.model.name} info={each} />
              ))}
            </tbody>
          </table>
          {shown.length === 0 && <p className={styles.dim}>No model has these words in its name or tags.</p>}
        </div>
      )}
    </div>
  );
}

function Row({ info }: { readonly info: RegisteredModelInfo }) {
  const { model, latest, latest_run, version_count } = info;
  return (
    <tr data-testid="model-row">
      <td>
        <Link className={styles.name} to="/models" search={{ name: model.name }}>
          {model.name}
        </Link>
        {model.description && <span className={styles.description}>{model.description}</span>}
      </td>
      <td>
        {latest == null ? (
          <span className={styles.dim}>none</span>
        ) : (
          <Link to="/models" search={{ name: model.name, version: String(latest.number) }}>
            Version {latest.number}
          </Link>
        )}
        {version_count > 1 && <span className={styles.dim}> of {formatCount(version_count)}</span>}
      </td>
      <td>
        <Aliases aliases={model.aliases} />
      </td>
      <td>
        <Tags tags={model.tags} />
      </td>
      <td>
        <RunLink run={latest_run ?? null} />
      </td>
      <td className={styles.when}>
        <RelativeTime time={model.updated_at} />
      </td>
    </tr>
  );
}
