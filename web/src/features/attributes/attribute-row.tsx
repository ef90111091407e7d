/** One line of the tree: a folder, an attribute, or both at once. */

import { ActionIcon } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type CSSProperties, useState } from "react";
import { keys } from "#api/keys.ts";
import { setValue } from "#api/run-edits.ts";
import type { AttributeInfo, TreeRow } from "#api/types.ts";
import { HINTS, isEditable, typedValue, valueProblem } from "#api/value-text.ts";
import { stripAnsi } from "#base/ansi.ts";
import { formatBytes, formatCount, formatNumber, parseJsonFloat } from "#base/numbers.ts";
import { formatMoment } from "#base/time.ts";
import { CopyButton } from "#widgets/copy-button.tsx";
import { ChevronIcon, PathIcon, PencilIcon } from "#widgets/icons.tsx";
import { ValueEditor } from "#widgets/value-editor.tsx";
import styles from "./attributes-tab.module.css";
import { ValueHistory } from "./value-history.tsx";

export type AttributeTarget = "charts" | "monitoring" | "media" | "console" | "files";

interface AttributeRowProps {
  readonly runId: string;
  readonly id: string;
  readonly row: TreeRow;
  readonly top: number;
  readonly height: number;
  readonly active: boolean;
  readonly onActive: () => void;
  readonly onToggle: (path: string) => void;
  readonly onOpen: (target: AttributeTarget, path: string) => void;
}

export function AttributeRow({ runId, id, row, top, height, active, onActive, onToggle, onOpen }: AttributeRowProps) {
  const { path, depth, expandable, expanded, attribute: item } = row;
  const [edits, setEdits] = useState(false);
  const client = useQueryClient();
  const editable = item !== null && isEditable(item);
  const shown = item !== null && <AttributeValue attribute={item} onOpen={onOpen} />;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around the rows takes the keys.
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names its active row.
    <div
      id={id}
      className={styles.row}
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={active}
      {...(expandable ? { "aria-expanded": expanded } : {})}
      data-testid="attribute-row"
      data-path={path}
      style={{ transform: `translateY(${top}px)`, height, "--depth": depth } as CSSProperties}
      onClick={() => {
        onActive();
        if (expandable) onToggle(path);
      }}
      onDoubleClick={() => setEdits(editable)}
    >
      <span className={styles.name} title={path}>
        <span className={styles.chevron} data-open={expanded} aria-hidden="true">
          {expandable && <ChevronIcon size={11} />}
        </span>
        <span className={styles.label} data-folder={expandable}>
          {row.name}
        </span>
        {expandable && !expanded && <span className={styles.size}>{formatCount(row.size)}</span>}
      </span>
      <span className={styles.kind}>{item === null ? "" : item.kind.replace("_", " ")}</span>
      <span className={styles.value}>
        {edits && item !== null ? (
          <ValueEditor
            label={`Value of ${path}`}
            kind={item.kind}
            initial={typedValue(item)}
            hint={HINTS[item.kind] ?? ""}
            problemOf={(typed) => valueProblem(item.kind, typed)}
            onSave={async (typed) => {
              await setValue(runId, path, item.kind, typed);
              await client.invalidateQueries({ queryKey: keys.attributes(runId) });
            }}
            onClose={() => setEdits(false)}
          >
            <span className={styles.edited}>{shown}</span>
          </ValueEditor>
        ) : (
          shown
        )}
      </span>
      <span className={styles.extreme}>{extreme(item?.series?.min)}</span>
      <span className={styles.extreme}>{extreme(item?.series?.max)}</span>
      {item !== null && (
        <span className={styles.tools}>
          {hasHistory(item) && <ValueHistory runId={runId} path={path} />}
          {editable && (
            <ActionIcon
              variant="subtle"
              color="gray"
              size={22}
              tabIndex={-1}
              aria-label={`Edit ${path}`}
              onClick={(event) => {
                event.stopPropagation();
                setEdits(true);
              }}
            >
              <PencilIcon size={14} />
            </ActionIcon>
          )}
          <CopyButton text={() => valueText(item)} label={`Copy value of ${path}`} size={22} tabIndex={-1} />
          <CopyButton text={path} label={`Copy path ${path}`} size={22} tabIndex={-1} icon={<PathIcon size={14} />} />
        </span>
      )}
    </div>
  );
}

const EDITED_ELSEWHERE: readonly string[] = ["sys/name", "sys/description", "sys/tags", "sys/group", "sys/group_tags"];

/** Whether the server keeps what was there earlier. */
function hasHistory(item: AttributeInfo): boolean {
  return isEditable(item) || EDITED_ELSEWHERE.includes(item.path);
}

/** What one pastes elsewhere: the value itself, the last one of a series, the name of a file. */
function valueText(item: AttributeInfo): string {
  if (item.series) return stripAnsi(String(item.series.last ?? ""));
  return item.file ? item.file.filename : typedValue(item);
}

function extreme(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : formatNumber(value);
}

interface AttributeValueProps {
  readonly attribute: AttributeInfo;
  readonly onOpen: (target: AttributeTarget, path: string) => void;
}

function AttributeValue({ attribute, onOpen }: AttributeValueProps) {
  const { kind, path, value, series, file } = attribute;
  switch (kind) {
    case "float_series": {
      const last = formatNumber(parseJsonFloat(series?.last));
      const where = path.startsWith("monitoring/") ? "monitoring" : "charts";
      return (
        <>
          <span>{last}</span>
          <Points count={series?.count ?? 0} unit="point" />
          <Open label="Chart" onOpen={() => onOpen(where, path)} />
        </>
      );
    }
    case "string_series":
      return (
        <>
          <span className={styles.text}>{typeof series?.last === "string" ? stripAnsi(series.last) : ""}</span>
          <Points count={series?.count ?? 0} unit="line" />
          <Open label="Console" onOpen={() => onOpen("console", path)} />
        </>
      );
    case "file_series":
      return (
        <>
          <Points count={series?.count ?? 0} unit="file" />
          <Open label="Media" onOpen={() => onOpen("media", path)} />
        </>
      );
    case "histogram_series":
      return (
        <>
          <Points count={series?.count ?? 0} unit="histogram" />
          <Open label="Chart" onOpen={() => onOpen("charts", path)} />
        </>
      );
    case "file":
      return (
        <>
          <span className={styles.text}>{file?.filename}</span>
          <span className={styles.size}>{file ? formatBytes(file.size) : ""}</span>
          <Open label="File" onOpen={() => onOpen("files", path)} />
        </>
      );
    case "datetime":
      return <span>{typeof value === "string" ? formatMoment(Date.parse(value)) : ""}</span>;
    case "string_set":
      return <span className={styles.text}>{Array.isArray(value) ? value.join(", ") : ""}</span>;
    case "bool":
    case "int":
    case "float":
    case "string":
      return (
        <span className={styles.text} title={String(value)}>
          {String(value)}
        </span>
      );
  }
}

function Points({ count, unit }: { readonly count: number; readonly unit: string }) {
  return (
    <span className={styles.size}>
      {formatCount(count)} {count === 1 ? unit : `${unit}s`}
    </span>
  );
}

function Open({ label, onOpen }: { readonly label: string; readonly onOpen: () => void }) {
  return (
    <button
      type="button"
      className={styles.open}
      onClick={(event) => {
        event.stopPropagation();
        onOpen();
      }}
    >
      {label}
    </button>
  );
}
