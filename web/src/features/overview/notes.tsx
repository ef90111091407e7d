/** The notes on a run, as they were written; a press on Edit, and they are written anew. */

import { Button, Group, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "#api/keys.ts";
import { editRun } from "#api/run-edits.ts";
import type { Run } from "#api/types.ts";
import styles from "./overview-tab.module.css";

interface NotesProps {
  readonly run: Run;
  readonly text: string;
}

export function Notes({ run, text }: NotesProps) {
  const client = useQueryClient();
  /** Null: they are read. */
  const [typed, setTyped] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    if (typed === null) return;
    setBusy(true);
    setProblem(null);
    try {
      await editRun(run.id, { notes: typed });
      await client.invalidateQueries({ queryKey: keys.attributes(run.id) });
      setTyped(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  if (typed === null) {
    return (
      <>
        {text === "" ? (
          <p className={styles.none}>Nothing is written here yet.</p>
        ) : (
          <p className={styles.notes} data-testid="notes">
            {text}
          </p>
        )}
        <Button size="compact-xs" variant="default" data-testid="edit-notes" onClick={() => setTyped(text)}>
          Edit notes
        </Button>
      </>
    );
  }
  return (
    <>
      <Textarea
        size="xs"
        autosize
        minRows={4}
        maxRows={20}
        aria-label="Notes"
        data-testid="notes-field"
        autoFocus
        value={typed}
        error={problem}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") setTyped(null);
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
        }}
      />
      <Group gap={6} mt={6}>
        <Button size="compact-xs" loading={busy} onClick={() => void save()}>
          Save
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => setTyped(null)}>
          Cancel
        </Button>
      </Group>
    </>
  );
}
