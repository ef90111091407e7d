/** Edits a value where it stands. Enter saves, Escape leaves it as it was; the value keeps its kind. */

import { SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { EditPopover } from "./edit-popover.tsx";

interface ValueFieldProps {
  readonly label: string;
  /** What kind of value is typed: truths are chosen, sets and long texts have several lines. */
  readonly kind: string;
  readonly isLong: boolean;
  readonly hint: string;
  readonly text: string;
  readonly onText: (text: string) => void;
}

export function ValueField({ label, kind, isLong, hint, text, onText }: ValueFieldProps) {
  if (kind === "bool") {
    return (
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label={label}
        data={["true", "false"]}
        value={text}
        onChange={onText}
      />
    );
  }
  const common = { size: "xs", "aria-label": label, placeholder: hint, "data-autofocus": true, value: text } as const;
  return isLong ? (
    <Textarea {...common} rows={6} onChange={(event) => onText(event.currentTarget.value)} />
  ) : (
    <TextInput {...common} onChange={(event) => onText(event.currentTarget.value)} />
  );
}

/** Whether a value is typed in several lines. */
export function isLongValue(kind: string, text: string): boolean {
  return kind === "string_set" || (kind === "string" && (text.includes("\n") || text.length > 60));
}

interface ValueEditorProps {
  readonly label: string;
  readonly kind: string;
  readonly initial: string;
  readonly hint: string;
  /** What is wrong with what is typed; null if nothing is. */
  readonly problemOf: (typed: string) => string | null;
  /** Throws what the server refuses. */
  readonly onSave: (typed: string) => Promise<void>;
  readonly onClose: () => void;
  /** The value itself. */
  readonly children: ReactNode;
}

export function ValueEditor({ label, kind, initial, hint, problemOf, onSave, onClose, children }: ValueEditorProps) {
  const [text, setText] = useState(initial);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    const wrong = problemOf(text);
    setProblem(wrong);
    if (wrong !== null) return;
    setBusy(true);
    try {
      await onSave(text);
      onClose();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  const isLong = isLongValue(kind, text);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (!isLong || event.ctrlKey || event.metaKey)) void save();
  };
  return (
    <EditPopover
      label={label}
      testId="value-editor"
      isWide={isLong}
      target={children}
      problem={problem}
      isBusy={busy}
      words={{ leave: "Cancel", save: "Save" }}
      onClose={onClose}
      onSave={() => void save()}
      onKeyDown={onKeyDown}
    >
      <ValueField label={label} kind={kind} isLong={isLong} hint={hint} text={text} onText={setText} />
    </EditPopover>
  );
}
