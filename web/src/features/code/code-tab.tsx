/** The source code of a run: where git stood, what was changed and not committed, and the files as they were. */

import { Button, Loader } from "@mantine/core";
import { useMemo } from "react";
import { useFileText } from "#api/queries.ts";
import { fileAddress } from "#api/request.ts";
import { useFirstSource, useSourceTop } from "#api/source.ts";
import { useAttribute } from "#api/tree.ts";
import type { AttributeInfo, Run } from "#api/types.ts";
import type { Change } from "#base/change.ts";
import { parseDiff } from "#base/git-diff.ts";
import { formatBytes } from "#base/numbers.ts";
import { languageOf } from "#base/syntax.ts";
import { CodeView } from "#widgets/code-view.tsx";
import { CopyButton } from "#widgets/copy-button.tsx";
import { DiffSize, DiffView } from "#widgets/diff-view.tsx";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { DownloadIcon } from "#widgets/icons.tsx";
import { type FoldedView, folding, type ToggledView } from "#widgets/toggled.ts";
import { Waiting } from "#widgets/waiting.tsx";
import styles from "./code-tab.module.css";
import { GitFacts } from "./git-facts.tsx";
import { entryPaths, isDiffPath, type Source, type SourceFile, sourceFile, sourceOf } from "./source.ts";
import { SourceTree } from "./source-tree.tsx";

export interface CodeTabView extends ToggledView, FoldedView {
  readonly path?: string | undefined;
  /** A line of the file, or a file of the diff. */
  readonly line?: string | undefined;
}

interface CodeTabProps {
  readonly run: Run;
  /** Those below `source_code/`. */
  readonly values: readonly AttributeInfo[];
  readonly view: CodeTabView;
  readonly onView: (change: Change<CodeTabView>) => void;
}

/** A diff has at most 4 MiB; what is longer would make the page slow. */
const MAX_TEXT_BYTES = 5_000_000;

export function CodeTab({ run, values, view, onView }: CodeTabProps) {
  const { rows, rowCount, error, refetch } = useSourceTop(run.id);
  const source = useMemo(
    () => (rowCount === null ? undefined : sourceOf(values, rows, rowCount)),
    [values, rows, rowCount],
  );
  if (source === undefined) return error === null ? <Waiting /> : <ErrorState error={error} onRetry={refetch} />;
  if (source === null) {
    return (
      <EmptyState title="No source code">
        The client stores the script and what git says of it, unless <code>source_files=[]</code> and{" "}
        <code>git_ref=False</code>.
      </EmptyState>
    );
  }
  return <Sources run={run} source={source} view={view} onView={onView} />;
}

interface SourcesProps extends Omit<CodeTabProps, "values"> {
  readonly source: Source;
}

function Sources({ run, source, view, onView }: SourcesProps) {
  const { diffs, requirements, filesBelow } = source;
  const { selected, error } = useSelected(run, source, view.path);
  const open = (path: string, line?: string) => onView({ path, line });
  return (
    <div className={styles.page}>
      <nav className={styles.side} aria-label="Source code">
        <GitFacts source={source} {...folding(view, onView, "untracked", false)} />
        {diffs.map((diff) => (
          <DiffEntry
            key={diff.path}
            run={run}
            diff={diff}
            selected={diff.path === selected?.path}
            shown={diff.path === selected?.path ? view.line : undefined}
            onOpen={(line) => open(diff.path, line)}
          />
        ))}
        {filesBelow !== null && (
          <SourceTree
            run={run}
            below={filesBelow}
            selected={selected?.path}
            view={view}
            onView={onView}
            onOpen={(path) => open(path)}
          />
        )}
        {requirements !== null && (
          <>
            <h2 className={styles.heading}>Packages</h2>
            <button
              type="button"
              className={styles.entry}
              aria-current={requirements.path === selected?.path}
              data-testid="code-file"
              data-path={requirements.path}
              onClick={() => open(requirements.path)}
            >
              {requirements.name}
            </button>
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
          isDiff={isDiffPath(selected.path)}
        />
      )}
      {error !== null && <ErrorState error={error} />}
    </div>
  );
}

/** The file that the address names; without one the entry point, else the first file, else the changes. */
function useSelected(run: Run, source: Source, path: string | undefined) {
  const { diffs, requirements, filesBelow } = source;
  const held = [...diffs, ...(requirements === null ? [] : [requirements])];
  const isHeld = held.some((each) => each.path === path);
  const named = useAttribute(run.id, isHeld ? undefined : path, undefined);
  const first = useFirstSource(run.id, entryPaths(source), filesBelow, path === undefined);
  const found = path === undefined ? first : named;
  const { data } = found;
  const file = data?.file == null ? null : sourceFile(data.path, data.file);
  const selected = path === undefined ? (file ?? (first.isPending ? null : (held[0] ?? null))) : file;
  return isHeld
    ? { selected: held.find((each) => each.path === path) ?? null, error: null }
    : { selected, error: found.error };
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
