/** Edits a value where it stands. Enter saves, Escape leaves it as it was; the value keeps its kind. */

import { SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { keys } from "#api/keys.ts";
import { setValue } from "#api/run-edits.ts";
import type { AttributeInfo } from "#api/types.ts";
import { EditPopover } from "#widgets/edit-popover.tsx";
import styles from "./attributes-tab.module.css";
import { HINTS, typedValue, valueJson } from "./value-text.ts";

interface ValueEditorProps {
  readonly runId: string;
  readonly attribute: AttributeInfo;
  readonly onClose: () => void;
  /** The value itself. */
  readonly children: ReactNode;
}

export function ValueEditor({ runId, attribute, onClose, children }: ValueEditorProps) {
  const { path, kind } = attribute;
  const client = useQueryClient();
  const [text, setText] = useState(typedValue(attribute));
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async (typed: string) => {
    const json = valueJson(kind, typed);
    if (json === null) {
      setProblem(`This is no ${kind.replace("_", " ")}. ${HINTS[kind] ?? ""}`);
      return;
    }
    setBusy(true);
    try {
      await setValue(runId, path, json);
      await client.invalidateQueries({ queryKey: keys.attributes(runId) });
      onClose();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  const long = kind === "string_set" || (kind === "string" && (text.includes("\n") || text.length > 60));
  const label = `Value of ${path}`;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (!long || event.ctrlKey || event.metaKey)) void save(text);
  };
  return (
    <EditPopover
      label={label}
      testId="value-editor"
      isWide={long}
      target={<span className={styles.edited}>{children}</span>}
      problem={problem}
      isBusy={busy}
      words={{ leave: "Cancel", save: "Save" }}
      onClose={onClose}
      onSave={() => void save(text)}
      onKeyDown={onKeyDown}
    >
      {kind === "bool" ? (
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label={label}
          data={["true", "false"]}
          value={text}
          onChange={setText}
        />
      ) : long ? (
        <Textarea
          size="xs"
          rows={6}
          aria-label={label}
          placeholder={HINTS[kind] ?? ""}
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      ) : (
        <TextInput
          size="xs"
          aria-label={label}
          placeholder={HINTS[kind] ?? ""}
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
    </EditPopover>
  );
}
