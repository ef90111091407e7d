/** What can be done with the selected runs together: compare, tag, set a value, trash, restore, delete. */

import { Button, Group, Modal, Popover, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { type BulkOutcome, deleteRun, editRun, forEachRun, restoreRun, setValue, trashRun } from "#api/run-edits.ts";
import { formatCount } from "#base/numbers.ts";
import { BulkEdit } from "./bulk-edit.tsx";
import styles from "./runs-page.module.css";

interface SelectionBarProps {
  readonly project: string;
  readonly selected: ReadonlySet<string>;
  /** How many match, if all of them are selected; else null. */
  readonly all: number | null;
  /** How many match, where all that are loaded are selected; 0 elsewhere. */
  readonly more: number;
  readonly idsOfAll: (signal: AbortSignal) => Promise<string[]>;
  readonly onSelectAll: () => void;
  readonly trashed: boolean;
  /** Keys of the runs that are loaded, by id, to name one that failed. */
  readonly names: ReadonlyMap<string, string>;
  readonly onSelect: (ids: ReadonlySet<string>) => void;
  readonly onCompare: () => void;
  /** Called when the server has changed runs. */
  readonly onChanged: () => void;
}

type Ask = "trash" | "delete";
const FAILURES_SHOWN = 3;

export function SelectionBar(props: SelectionBarProps) {
  const { project, selected, all, more, trashed, names, onSelect, onCompare, onChanged } = props;
  const [asking, setAsking] = useState<Ask | null>(null);
  // Runs that leave the table meanwhile are still counted.
  const [progress, setProgress] = useState<{ readonly through: number; readonly of: number } | null>(null);
  const [failed, setFailed] = useState<BulkOutcome["failed"]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const running = useRef<AbortController | null>(null);
  const count = all ?? selected.size;
  const what = runsText(count);
  const busy = progress !== null;
  const act = async (action: (id: string) => Promise<unknown>, leaves: boolean) => {
    const abort = new AbortController();
    const { signal } = abort;
    running.current = abort;
    setProgress({ through: 0, of: count });
    setProblem(null);
    setFailed([]);
    setAsking(null);
    try {
      const ids = all === null ? [...selected] : await props.idsOfAll(signal);
      const outcome = await forEachRun(ids, action, {
        onProgress: (through) => setProgress({ through, of: ids.length }),
        signal,
      });
      setFailed(outcome.failed);
      // What is left is still selected when somebody stopped it.
      if (leaves && !signal.aborted) onSelect(new Set(outcome.failed.map(({ id }) => id)));
      onChanged();
    } catch (error) {
      if (!signal.aborted) setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setProgress(null);
    }
  };
  if (count === 0 && !busy) return null;
  return (
    <>
      <div className={styles.selection} role="toolbar" aria-label="Selected runs" data-testid="selection">
        <span className={styles.selected} data-testid="selected-count">
          {busy ? `${formatCount(progress.through)} of ${runsText(progress.of)}…` : `${what} selected`}
        </span>
        {busy && (
          <Button size="compact-xs" variant="default" onClick={() => running.current?.abort()}>
            Stop
          </Button>
        )}
        {!busy && all === null && more > count && (
          <Button size="compact-xs" variant="subtle" onClick={props.onSelectAll} data-testid="select-all">
            Select all {formatCount(more)} that match
          </Button>
        )}
        {!trashed && (
          <>
            <Button
              size="compact-xs"
              disabled={busy || count < 2 || all !== null}
              onClick={onCompare}
              data-testid="compare"
            >
              Compare
            </Button>
            <BulkTag disabled={busy} onTag={(change) => void act((id) => editRun(id, change), false)} />
            <BulkEdit
              project={project}
              disabled={busy}
              onSet={({ path, kind }, typed) => void act((id) => setValue(id, path, kind, typed), false)}
            />
            <Button size="compact-xs" variant="default" disabled={busy} onClick={() => setAsking("trash")}>
              Move to trash
            </Button>
          </>
        )}
        {trashed && (
          <>
            <Button size="compact-xs" disabled={busy} onClick={() => void act(restoreRun, true)}>
              Restore
            </Button>
            <Button size="compact-xs" variant="default" disabled={busy} onClick={() => setAsking("delete")}>
              Delete for good
            </Button>
          </>
        )}
        <span className={styles.spacer} />
        <Button size="compact-xs" variant="subtle" disabled={busy} onClick={() => onSelect(new Set())}>
          Clear selection
        </Button>
      </div>
      {problem !== null && (
        <p className={styles.fault} role="alert">
          {problem}
        </p>
      )}
      {failed.length > 0 && (
        <p className={styles.fault} role="alert">
          {failed.length === 1 ? "One run was left as it was: " : `${failed.length} runs were left as they were: `}
          {failed
            .slice(0, FAILURES_SHOWN)
            .map(({ id, message }) => `${names.get(id) ?? id}: ${message}`)
            .join(" ")}
        </p>
      )}
      <Modal
        opened={asking !== null}
        onClose={() => setAsking(null)}
        title={asking === "delete" ? `Delete ${what} for good?` : `Move ${what} to the trash?`}
        transitionProps={{ duration: 0 }}
        centered
      >
        <p className={styles.text}>
          {asking === "delete"
            ? "Everything that was logged to them is removed, and nothing brings it back."
            : "They leave the table and can be restored from the trash. A script that still logs goes on."}
        </p>
        <Group justify="flex-end" gap={8}>
          <Button variant="default" size="xs" onClick={() => setAsking(null)}>
            {asking === "delete" ? "Keep them" : "Cancel"}
          </Button>
          <Button
            size="xs"
            color="red"
            loading={busy}
            data-autofocus
            data-testid="confirm"
            onClick={() => void act(asking === "delete" ? deleteRun : trashRun, true)}
          >
            {asking === "delete" ? "Delete for good" : "Move to trash"}
          </Button>
        </Group>
      </Modal>
    </>
  );
}

function runsText(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "run" : "runs"}`;
}

interface BulkTagProps {
  readonly disabled: boolean;
  readonly onTag: (change: { add_tags?: string[]; remove_tags?: string[] }) => void;
}

function BulkTag({ disabled, onTag }: BulkTagProps) {
  const [open, setOpen] = useState(false);
  const [tag, setTag] = useState("");
  const name = tag.trim();
  const done = (change: { add_tags?: string[]; remove_tags?: string[] }) => {
    if (name === "") return;
    onTag(change);
    setTag("");
    setOpen(false);
  };
  return (
    <Popover opened={open} onChange={setOpen} trapFocus shadow="md" width={260} transitionProps={{ duration: 0 }}>
      <Popover.Target>
        <Button size="compact-xs" variant="default" disabled={disabled} onClick={() => setOpen(!open)}>
          Tag
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={8} aria-label="Tag the selected runs">
        <TextInput
          size="xs"
          aria-label="Tag"
          placeholder="Tag"
          maxLength={200}
          data-autofocus
          value={tag}
          onChange={(event) => setTag(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") done({ add_tags: [name] });
          }}
        />
        <Group justify="flex-end" gap={6} mt={8}>
          <Button
            size="compact-xs"
            variant="default"
            disabled={name === ""}
            onClick={() => done({ remove_tags: [name] })}
          >
            Remove from all
          </Button>
          <Button size="compact-xs" disabled={name === ""} onClick={() => done({ add_tags: [name] })}>
            Add to all
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
