/** A table: one that was written as text, its first row as heading, or rows that are known. */

import { useMemo } from "react";
import { delimiterOf, parseTable } from "#base/csv-table.ts";
import { formatCount } from "#base/numbers.ts";
import styles from "./text-table.module.css";

interface TextTableProps {
  readonly text: string;
  /** Whether the file goes on after the text. */
  readonly isCut: boolean;
  readonly file: { readonly filename: string; readonly media_type: string };
  readonly maxRows: number;
}

export function TextTable({ text, isCut, file, maxRows }: TextTableProps) {
  const { filename, media_type: mediaType } = file;
  const [head = [], ...body] = useMemo(
    () => parseTable(text, delimiterOf(filename, mediaType, text), maxRows + 2),
    [text, filename, mediaType, maxRows],
  );
  return (
    <RowTable filename={filename} head={head} rows={body.slice(0, maxRows)} isCut={isCut || body.length > maxRows} />
  );
}

interface RowTableProps {
  readonly filename: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Whether there are more rows. */
  readonly isCut: boolean;
}

export function RowTable({ filename, head, rows, isCut }: RowTableProps) {
  return (
    <div
      className={styles.scroller}
      tabIndex={0}
      role="region"
      aria-label={`Table ${filename}`}
      data-testid="text-table"
    >
      <table className={styles.table}>
        <thead>
          <tr>
            {head.map((cell, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns have no identity but their place.
              <th key={index} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place.
            <tr key={at}>
              {row.map((cell, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns have no identity but their place.
                <td key={index} data-number={cell === "NaN" || (cell !== "" && Number.isFinite(Number(cell)))}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {isCut && (
        <p className={styles.more}>Only the first {formatCount(rows.length)} rows. Download the file to see all.</p>
      )}
    </div>
  );
}
