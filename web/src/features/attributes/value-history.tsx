/** What a value was earlier: who set something else, and when. Asked for when it is opened. */

import { ActionIcon, Loader, Popover } from "@mantine/core";
import { useState } from "react";
import type { EarlierValue } from "#api/types.ts";
import { useValueHistory } from "#api/value-history.ts";
import { formatMoment } from "#base/time.ts";
import { HistoryIcon } from "#widgets/icons.tsx";
import styles from "./value-history.module.css";

interface ValueHistoryProps {
  readonly runId: string;
  readonly path: string;
}

export function ValueHistory({ runId, path }: ValueHistoryProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={340} withinPortal trapFocus shadow="md">
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={22}
          tabIndex={-1}
          aria-label={`History of ${path}`}
          aria-expanded={isOpen}
          onClick={(event) => {
            event.stopPropagation();
            setOpen(!isOpen);
          }}
        >
          <HistoryIcon size={14} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown
        p={10}
        data-testid="value-history"
        aria-label={`History of ${path}`}
        onClick={(event) => event.stopPropagation()}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape") setOpen(false);
        }}
      >
        {isOpen && <Earlier runId={runId} path={path} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function Earlier({ runId, path }: ValueHistoryProps) {
  const { data, error } = useValueHistory(runId, path);
  if (error !== null) return <p role="alert">{error.message}</p>;
  if (data === undefined) return <Loader size={16} color="gray" />;
  if (data.earlier.length === 0) return <p className={styles.none}>It was never anything else.</p>;
  return (
    <ol className={styles.list} tabIndex={0} aria-label="Earlier values, the newest first">
      {data.earlier.map((each, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two of them can be equal in everything.
        <li key={at} data-testid="earlier-value">
          <span className={styles.value}>{textOf(each)}</span>
          <span className={styles.until}>
            until <time dateTime={new Date(each.replaced_at).toISOString()}>{formatMoment(each.replaced_at)}</time>,{" "}
            {each.writer === "web" ? "changed in the browser" : `changed by writer ${each.writer}`}
          </span>
        </li>
      ))}
    </ol>
  );
}

function textOf({ kind, value }: EarlierValue): string {
  if (Array.isArray(value)) return value.join(", ");
  return kind === "datetime" ? formatMoment(Date.parse(String(value))) : String(value);
}
