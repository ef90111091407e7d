/** A look into a file. Nothing in it can act on the page: text is text, and HTML runs in a frame of its own. */

import { Button, Loader } from "@mantine/core";
import { useMemo } from "react";
import { MOST_PARQUET_BYTES, useParquetStart } from "#api/parquet.ts";
import { useFileStart } from "#api/queries.ts";
import { fileAddress } from "#api/request.ts";
import type { File, Run } from "#api/types.ts";
import { NotTextError } from "#base/file-text.ts";
import { isDiff, parseDiff } from "#base/git-diff.ts";
import { indentedJson } from "#base/json-text.ts";
import { formatBytes } from "#base/numbers.ts";
import { type PreviewKind, previewKind } from "#base/preview-kind.ts";
import { languageOf } from "#base/syntax.ts";
import { CodeView } from "#widgets/code-view.tsx";
import { CopyButton } from "#widgets/copy-button.tsx";
import { DiffView } from "#widgets/diff-view.tsx";
import { EmbeddedFile } from "#widgets/embedded-file.tsx";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { DownloadIcon } from "#widgets/icons.tsx";
import { RowTable, TextTable } from "#widgets/text-table.tsx";
import styles from "./file-preview.module.css";

interface FilePreviewProps {
  readonly run: Run;
  readonly path: string;
  readonly file: File;
  readonly onClose: () => void;
}

/** More text than this makes a page slow; all of it can be downloaded. */
const MAX_TEXT_BYTES = 2_000_000;
const MAX_ROWS = 1000;

export function FilePreview({ run, path, file, onClose }: FilePreviewProps) {
  return (
    <section className={styles.file} aria-label={path}>
      <header className={styles.head}>
        <div className={styles.names}>
          <h2 className={styles.title}>{file.filename}</h2>
          <span className={styles.path}>
            {path} · {formatBytes(file.size)}
          </span>
        </div>
        <CopyButton text={file.sha256} label="Copy SHA-256" />
        <Button
          component="a"
          href={fileAddress(run.id, path, { download: true })}
          size="xs"
          variant="default"
          leftSection={<DownloadIcon size={14} />}
          data-testid="file-download"
        >
          Download
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={onClose}>
          Close
        </Button>
      </header>
      <Body run={run} path={path} file={file} kind={previewKind(path, file.filename, file.media_type)} />
    </section>
  );
}

interface BodyProps {
  readonly run: Run;
  readonly path: string;
  readonly file: File;
  readonly kind: PreviewKind;
}

function Body({ run, path, file, kind }: BodyProps) {
  const url = `${fileAddress(run.id, path)}&v=${file.sha256.slice(0, 12)}`;
  switch (kind) {
    case "image":
      return <EmbeddedFile kind="image" className={styles.image} url={url} name={file.caption ?? path} />;
    case "audio":
    case "video":
      return <EmbeddedFile kind={kind} className={styles.media} url={url} name={path} />;
    case "html":
    case "pdf":
      return <EmbeddedFile kind={kind} className={styles.frame} url={url} name={path} />;
    case "none":
      return <EmptyState title={`No preview for ${file.media_type}`}>Download the file to open it.</EmptyState>;
    case "parquet":
      if (file.size > MOST_PARQUET_BYTES) {
        return <EmptyState title="The table is too large to be shown">Download the file to open it.</EmptyState>;
      }
      return <ParquetBody run={run} path={path} file={file} />;
    case "table":
    case "text":
    case "json":
    case "diff":
      return <TextBody run={run} path={path} file={file} kind={kind} />;
  }
}

function ParquetBody({ run, path, file }: Omit<BodyProps, "kind">) {
  const { data, error } = useParquetStart(run.id, path, file, MAX_ROWS);
  if (error !== null) {
    return <EmptyState title="This table cannot be shown">{error.message}</EmptyState>;
  }
  if (data === undefined) return <Loader m="lg" size={18} color="gray" />;
  return <RowTable filename={file.filename} {...data} />;
}

function TextBody({ run, path, file, kind }: BodyProps) {
  const { data: start, error, refetch } = useFileStart(run.id, path, file, MAX_TEXT_BYTES);
  const data = start?.text;
  const files = useMemo(
    () => (data !== undefined && (kind === "diff" || isDiff(data)) ? parseDiff(data) : []),
    [data, kind],
  );
  const text = useMemo(() => (kind === "json" && data !== undefined ? indentedJson(data) : data), [data, kind]);
  if (error instanceof NotTextError) {
    return <EmptyState title="The file holds no text">Download the file to open it.</EmptyState>;
  }
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (text === undefined || start === undefined) return <Loader m="lg" size={18} color="gray" />;
  if (text === "") return <EmptyState title="The file is empty" />;
  const label = `Content of ${file.filename}`;
  if (kind === "table") {
    return <TextTable text={text} isCut={start.isCut} file={file} maxRows={MAX_ROWS} />;
  }
  const language = kind === "json" ? "json" : (languageOf(file.filename) ?? languageOf(path));
  return (
    <>
      {start.isCut && (
        <p className={styles.cut}>
          Only the first {formatBytes(MAX_TEXT_BYTES)}. Download the file to see all {formatBytes(file.size)}.
        </p>
      )}
      {files.length > 0 ? (
        <DiffView files={files} label={label} />
      ) : (
        <CodeView text={text} language={language} label={label} />
      )}
    </>
  );
}
