/** Edits a run's name, notes, tags, or a value where it stands. Enter saves, Escape leaves it as it was. */

import { CloseButton, Textarea, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { editRun, setValue } from "#api/run-edits.ts";
import type { RunChange, RunRow } from "#api/types.ts";
import { HINTS, isEditable, typedValue, valueProblem } from "#api/value-text.ts";
import { EditPopover } from "#widgets/edit-popover.tsx";
import { ValueEditor } from "#widgets/value-editor.tsx";
import { NOTES_PATH, RUN_PATH, TAGS_PATH } from "./column-spec.ts";
import styles from "./runs-table.module.css";

const OF_RUN: readonly string[] = [RUN_PATH, TAGS_PATH, NOTES_PATH];

/** Whether people may change what a column shows of a run. */
export function isEditableCell({ cells }: RunRow, path: string): boolean {
  const attribute = cells[path];
  return OF_RUN.includes(path) || (attribute !== undefined && isEditable(attribute));
}

interface CellEditorProps {
  readonly row: RunRow;
  readonly path: string;
  readonly onClose: () => void;
  /** Called after each change that the server has made. */
  readonly onEdited: () => void;
  /** The cell itself. */
  readonly children: ReactNode;
}

export function CellEditor(props: CellEditorProps) {
  const { row, path, onClose, onEdited, children } = props;
  const attribute = row.cells[path];
  if (OF_RUN.includes(path) || attribute === undefined) return <RunEditor {...props} />;
  const { kind } = attribute;
  return (
    <ValueEditor
      label={`${path} of ${row.run.key}`}
      kind={kind}
      initial={typedValue(attribute)}
      hint={HINTS[kind] ?? ""}
      problemOf={(typed) => valueProblem(kind, typed)}
      onSave={async (typed) => {
        await setValue(row.run.id, path, kind, typed);
        onEdited();
      }}
      onClose={onClose}
    >
      <span className={styles.edited}>{children}</span>
    </ValueEditor>
  );
}

function RunEditor({ row, path, onClose, onEdited, children }: CellEditorProps) {
  const { run } = row;
  const notes = row.cells[NOTES_PATH]?.value;
  const [text, setText] = useState(path === RUN_PATH ? run.name : typeof notes === "string" ? notes : "");
  const [tags, setTags] = useState<readonly string[]>(run.tags);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async (change: Partial<RunChange>): Promise<boolean> => {
    setBusy(true);
    setProblem(null);
    try {
      const edited = await editRun(run.id, change);
      setTags(edited.tags);
      onEdited();
      return true;
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  const saveText = async () => {
    if (await save(path === RUN_PATH ? { name: text } : { notes: text })) onClose();
  };
  const addTag = async () => {
    const tag = text.trim();
    if (tag === "" || tags.includes(tag)) setText("");
    else if (await save({ add_tags: [tag] })) setText("");
  };
  const isTags = path === TAGS_PATH;
  const isNotes = path === NOTES_PATH;
  const label = isTags ? `Add a tag to ${run.key}` : isNotes ? `Notes of ${run.key}` : `Name of ${run.key}`;
  return (
    <EditPopover
      label={label}
      testId="cell-editor"
      isWide={isNotes}
      target={<span className={styles.edited}>{children}</span>}
      problem={problem}
      isBusy={busy}
      words={isTags ? { leave: "Done", save: "Add" } : { leave: "Cancel", save: "Save" }}
      onClose={onClose}
      onSave={() => void (isTags ? addTag() : saveText())}
    >
      {isTags && (
        <ul className={styles.taglist} aria-label={`Tags of ${run.key}`}>
          {tags.map((tag) => (
            <li key={tag} className={styles.tag}>
              {tag}
              <CloseButton
                size={16}
                aria-label={`Remove tag ${tag}`}
                disabled={busy}
                onClick={() => void save({ remove_tags: [tag] })}
              />
            </li>
          ))}
        </ul>
      )}
      {isNotes ? (
        <Textarea
          size="xs"
          rows={6}
          maxLength={100_000}
          aria-label={label}
          placeholder="What this run is about, and what came of it"
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void saveText();
          }}
        />
      ) : (
        <TextInput
          size="xs"
          maxLength={isTags ? 200 : 1000}
          aria-label={label}
          placeholder={isTags ? "New tag" : "Name"}
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") void (isTags ? addTag() : saveText());
          }}
        />
      )}
    </EditPopover>
  );
}
