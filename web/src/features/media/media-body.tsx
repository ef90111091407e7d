/** What is in one frame, by its kind: a picture, sound, film, page, table, or only its name. */

import { MOST_PARQUET_BYTES, useParquetStart } from "#api/parquet.ts";
import { useFileStart } from "#api/queries.ts";
import { fileAddress } from "#api/request.ts";
import type { Run } from "#api/types.ts";
import { formatBytes } from "#base/numbers.ts";
import { type PreviewKind, previewKind } from "#base/preview-kind.ts";
import { EmbeddedFile } from "#widgets/embedded-file.tsx";
import { RowTable, TextTable } from "#widgets/text-table.tsx";
import type { Frame } from "./frames.ts";
import styles from "./media-tab.module.css";

interface MediaBodyProps {
  readonly run: Run;
  readonly path: string;
  readonly frame: Frame;
  /** Whether it has the whole window. */
  readonly large: boolean;
}

/** Of a longer table the beginning is read. */
const BYTES_IN_TILE = 100_000;
const BYTES_IN_WINDOW = 2_000_000;
const ROWS_IN_TILE = 20;
const ROWS_IN_WINDOW = 1000;

export function kindOf(path: string, { file }: Frame): PreviewKind {
  return previewKind(path, file.filename, file.media_type);
}

export function MediaBody({ run, path, frame, large }: MediaBodyProps) {
  const kind = kindOf(path, frame);
  const name = frame.file.caption || path;
  switch (kind) {
    case "image":
    case "audio":
    case "video":
    case "html":
      return (
        <EmbeddedFile
          kind={kind}
          url={frameAddress(run.id, path, frame)}
          name={name}
          className={large ? styles[`full-${kind}`] : styles[kind]}
        />
      );
    case "table":
      return <TableBody run={run} path={path} frame={frame} large={large} />;
    case "parquet":
      if (frame.file.size > MOST_PARQUET_BYTES) break;
      return <ParquetBody run={run} path={path} frame={frame} large={large} />;
    default:
  }
  return (
    <a href={downloadAddress(run.id, path, frame)}>
      {frame.file.filename} · {formatBytes(frame.file.size)}
    </a>
  );
}

function TableBody({ run, path, frame: { file, step }, large }: MediaBodyProps) {
  const { data, error } = useFileStart(run.id, path, file, large ? BYTES_IN_WINDOW : BYTES_IN_TILE, step);
  if (error !== null) return <span role="alert">{error.message}</span>;
  if (data === undefined) return null;
  const rows = large ? ROWS_IN_WINDOW : ROWS_IN_TILE;
  return (
    <div className={large ? styles["full-table"] : styles.table}>
      <TextTable text={data.text} isCut={data.isCut} file={file} maxRows={rows} />
    </div>
  );
}

function ParquetBody({ run, path, frame: { file, step }, large }: MediaBodyProps) {
  const { data, error } = useParquetStart(run.id, path, file, large ? ROWS_IN_WINDOW : ROWS_IN_TILE, step);
  if (error !== null) return <span role="alert">This table cannot be shown. {error.message}</span>;
  if (data === undefined) return null;
  return (
    <div className={large ? styles["full-table"] : styles.table}>
      <RowTable filename={file.filename} {...data} />
    </div>
  );
}

/** The hash makes the address new when the file at a step is replaced. */
function frameAddress(runId: string, path: string, { step, file }: Frame): string {
  return `${fileAddress(runId, path, step === null ? {} : { step })}&v=${file.sha256.slice(0, 12)}`;
}

export function downloadAddress(runId: string, path: string, { step }: Frame): string {
  return fileAddress(runId, path, { download: true, ...(step === null ? {} : { step }) });
}
