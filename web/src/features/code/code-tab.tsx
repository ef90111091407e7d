/** The source code of a run: where git stood, what was changed and not committed, and the files as they were. */

import { Button, Loader } from "@mantine/core";
import { useMemo } from "react";
import { useFileText } from "#api/queries.ts";
import { fileAddress } from "#api/request.ts";
import type { AttributeInfo, Run } from "#api/types.ts";
import { parseDiff } from "#base/git-diff.ts";
import { formatBytes } from "#base/numbers.ts";
import { languageOf } from "#base/syntax.ts";
import { CodeView } from "#widgets/code-view.tsx";
import { CopyButton } from "#widgets/copy-button.tsx";
import { DiffSize, DiffView } from "#widgets/diff-view.tsx";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { DownloadIcon } from "#widgets/icons.tsx";
import styles from "./code-tab.module.css";
import { GitFacts } from "./git-facts.tsx";
import { firstShown, type SourceFile, sourceOf } from "./source.ts";

export interface CodeTabView {
  readonly path?: string | undefined;
  /** A line of the file, or a file of the diff. */
  readonly line?: string | undefined;
}

interface CodeTabProps {
  readonly run: Run;
  readonly attributes: readonly AttributeInfo[];
  readonly view: CodeTabView;
  readonly onView: (patch: CodeTabView) => void;
}

/** A diff has at most 4 MiB; what is longer would make the page slow. */
const MAX_TEXT_BYTES = 5_000_000;

export function CodeTab({ run, attributes, view, onView }: CodeTabProps) {
  const source = useMemo(() => sourceOf(attributes), [attributes]);
  if (source === null) {
    return (
      <EmptyState title="No source code">
        The client stores the script and what git says of it, unless <code>source_files=[]</code> and{" "}
        <code>git_ref=False</code>.
      </EmptyState>
    );
  }
  const listed = [...source.diffs, ...source.files, ...(source.requirements === null ? [] : [source.requirements])];
  const selected = listed.find(({ path }) => path === view.path) ?? firstShown(source);
  const open = (file: SourceFile) => onView({ path: file.path, line: undefined });
  return (
    <div className={styles.page}>
      <nav className={styles.side} aria-label="Source code">
        <GitFacts source={source} />
        {source.diffs.map((diff) => (
          <DiffEntry
            key={diff.path}
            run={run}
            diff={diff}
            selected={diff === selected}
            shown={diff === selected ? view.line : undefined}
            onOpen={(line) => onView({ path: diff.path, line })}
          />
        ))}
        {source.files.length > 0 && <h2 className={styles.heading}>Files</h2>}
        {source.files.map((file) => (
          <Entry key={file.path} file={file} selected={file === selected} onOpen={() => open(file)} />
        ))}
        {source.requirements !== null && (
          <>
            <h2 className={styles.heading}>Packages</h2>
            <Entry
              file={source.requirements}
              selected={source.requirements === selected}
              onOpen={() => source.requirements !== null && open(source.requirements)}
            />
          </>
        )}
      </nav>
      {selected !== null && (
        <Viewer
          key={selected.path}
          run={run}
          selected={selected}
          view={view}
          onView={onView}
          isDiff={source.diffs.includes(selected)}
        />
      )}
    </div>
  );
}

interface EntryProps {
  readonly file: SourceFile;
  readonly selected: boolean;
  readonly onOpen: () => void;
}

function Entry({ file, selected, onOpen }: EntryProps) {
  return (
    <button
      type="button"
      className={styles.entry}
      aria-current={selected}
      data-testid="code-file"
      data-path={file.path}
      onClick={onOpen}
    >
      {file.name}
    </button>
  );
}

interface DiffEntryProps {
  readonly run: Run;
  readonly diff: SourceFile;
  readonly selected: boolean;
  readonly shown: string | undefined;
  readonly onOpen: (file: string | undefined) => void;
}

function DiffEntry({ run, diff, selected, shown, onOpen }: DiffEntryProps) {
  const { data } = useFileText(run.id, diff.path, diff.file.sha256, diff.file.size <= MAX_TEXT_BYTES);
  const files = useMemo(() => parseDiff(data ?? ""), [data]);
  const title = diff.name === "diff" ? "Uncommitted changes" : `Not in upstream ${diff.name.slice(14, 22)}`;
  return (
    <>
      <h2 className={styles.heading}>{title}</h2>
      {data !== undefined && files.length === 0 && (
        <button type="button" className={styles.entry} onClick={() => onOpen(undefined)}>
          {diff.file.filename}
        </button>
      )}
      {files.map((file) => (
        <button
          key={file.path}
          type="button"
          className={styles.entry}
          aria-current={selected && (shown ?? files[0]?.path) === file.path}
          data-testid="diff-file"
          onClick={() => onOpen(file.path)}
        >
          <span className={styles.name}>{file.path}</span> <DiffSize file={file} />
        </button>
      ))}
    </>
  );
}

interface ViewerProps {
  readonly run: Run;
  readonly selected: SourceFile;
  readonly isDiff: boolean;
  readonly view: CodeTabView;
  readonly onView: (patch: CodeTabView) => void;
}

function Viewer({ run, selected, isDiff, view, onView }: ViewerProps) {
  const { path, file, name } = selected;
  const tooLong = file.size > MAX_TEXT_BYTES;
  const { data, error, refetch } = useFileText(run.id, path, file.sha256, !tooLong);
  const files = useMemo(() => (isDiff && data !== undefined ? parseDiff(data) : []), [isDiff, data]);
  const line = Number(view.line);
  return (
    <section className={styles.viewer} aria-label={name}>
      <header className={styles.head}>
        <h2 className={styles.title}>{name}</h2>
        <span className={styles.size}>{formatBytes(file.size)}</span>
        {data !== undefined && <CopyButton text={data} label="Copy all of it" />}
        <Button
          component="a"
          href={fileAddress(run.id, path, { download: true })}
          size="xs"
          variant="default"
          leftSection={<DownloadIcon size={14} />}
        >
          Download
        </Button>
      </header>
      {tooLong && <EmptyState title="The file is too long to be shown">Download the file to open it.</EmptyState>}
      {error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && !tooLong && error === null && <Loader m="lg" size={18} color="gray" />}
      {data === "" && <EmptyState title="The file is empty" />}
      {data !== undefined &&
        data !== "" &&
        (files.length > 0 ? (
          <DiffView files={files} label={`Changes of ${name}`} shown={view.line} />
        ) : (
          <CodeView
            text={data}
            language={languageOf(file.filename) ?? languageOf(name)}
            label={`Content of ${name}`}
            line={Number.isInteger(line) ? line : undefined}
            onLine={(number) => onView({ path, line: String(number) })}
          />
        ))}
    </section>
  );
}
