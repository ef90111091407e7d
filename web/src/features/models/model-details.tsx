/** What is in a model's folder, as its file MLmodel says: how to load it, what goes in and comes out, an example. */

import { Loader } from "@mantine/core";
import { useMemo } from "react";
import { useFileText } from "#api/queries.ts";
import { zipAddress } from "#api/request.ts";
import type { RunFolder } from "#api/types.ts";
import { loadingLines, type ModelCard, type ModelColumn, readModelCard } from "#base/model-card.ts";
import { CodeView } from "#widgets/code-view.tsx";
import { CopyButton } from "#widgets/copy-button.tsx";
import { EmptyState } from "#widgets/empty-state.tsx";
import styles from "./models.module.css";

interface ModelDetailsProps {
  /** Where its files are; null if they are not on this server. */
  readonly files: RunFolder | null;
  /** By what clients load it. */
  readonly uri: string;
  /** Where it came from, as whoever registered it wrote it. */
  readonly source: string | null;
}

/** A longer example is looked at among the files. */
const EXAMPLE_CHARACTERS = 20_000;

export function ModelDetails({ files, uri, source }: ModelDetailsProps) {
  const { data: text, error } = useFileText(
    files?.run_id ?? "",
    `${files?.path ?? ""}/MLmodel`,
    `${files?.run_id} ${files?.path}`,
    files !== null,
  );
  const card = useMemo(() => (text === undefined ? null : readModelCard(text)), [text]);
  if (files !== null && text === undefined && error === null) return <Loader m="lg" size={18} color="gray" />;
  return (
    <div className={styles.details}>
      <Loading lines={loadingLines(card, uri, window.location.origin)} />
      {source !== null && (
        <p className={styles.source}>
          <span className={styles.dim}>Source</span> <code>{source}</code>
        </p>
      )}
      {files === null && (
        <EmptyState title="Its files are not on this server">Only the source above says where they are.</EmptyState>
      )}
      {files !== null && error !== null && (
        <EmptyState title="It has no file MLmodel">
          What is in it can't be said. Look at the files of its run.
        </EmptyState>
      )}
      {files !== null && (
        <p className={styles.source}>
          <a href={zipAddress(files.run_id, files.path)}>Download all its files</a>
        </p>
      )}
      {card !== null && files !== null && <Card card={card} files={files} />}
      {text !== undefined && card === null && <CodeView text={text} language={null} label="MLmodel" />}
    </div>
  );
}

function Loading({ lines }: { readonly lines: string }) {
  return (
    <section aria-label="How to load it">
      <div className={styles.codeHead}>
        <h3 className={styles.small}>How to load it</h3>
        <CopyButton text={lines} label="Copy lines" />
      </div>
      <pre className={styles.code} tabIndex={0} data-testid="model-loading">
        {lines}
      </pre>
    </section>
  );
}

function Card({ card, files }: { readonly card: ModelCard; readonly files: RunFolder }) {
  return (
    <>
      <div className={styles.columns}>
        <Columns title="Goes in" columns={card.inputs} />
        <Columns title="Comes out" columns={card.outputs} />
        {card.parameters.length > 0 && <Columns title="Parameters" columns={card.parameters} />}
      </div>
      {card.example !== null && <Example files={files} name={card.example} />}
      <section aria-label="Flavours">
        <h3 className={styles.small}>Flavours</h3>
        {card.flavours.map((flavour) => (
          <div key={flavour.name} className={styles.flavour} data-testid="model-flavour">
            <h4 className={styles.flavourName}>{flavour.name}</h4>
            <Facts facts={flavour.facts} />
          </div>
        ))}
      </section>
      <Facts facts={card.facts} />
    </>
  );
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, string])[] }) {
  if (facts.length === 0) return null;
  return (
    <dl className={styles.facts}>
      {facts.map(([key, value]) => (
        <div key={key} className={styles.fact}>
          <dt>{key}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Columns({ title, columns }: { readonly title: string; readonly columns: readonly ModelColumn[] }) {
  return (
    <section aria-label={title} className={styles.column} data-testid="model-columns">
      <h3 className={styles.small}>{title}</h3>
      {columns.length === 0 ? (
        <p className={styles.dim}>The model does not say.</p>
      ) : (
        <ul className={styles.list}>
          {columns.map((column, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: columns without a name are told apart by their place.
            <li key={index}>
              {column.name !== "" && <span className={styles.columnName}>{column.name}</span>}
              <span className={styles.dim}>{column.type}</span>
              {!column.required && <span className={styles.dim}>optional</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Example({ files, name }: { readonly files: RunFolder; readonly name: string }) {
  const { data } = useFileText(files.run_id, `${files.path}/${name}`, `${files.run_id} ${files.path}`, true);
  if (data === undefined) return null;
  return (
    <section aria-label="An example of what goes in">
      <h3 className={styles.small}>An example of what goes in</h3>
      <pre className={styles.code} tabIndex={0} data-testid="model-example">
        {data.length > EXAMPLE_CHARACTERS ? `${data.slice(0, EXAMPLE_CHARACTERS)}…` : data}
      </pre>
    </section>
  );
}
