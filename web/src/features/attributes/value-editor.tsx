/** Edits a value where it stands. Enter saves, Escape leaves it as it was; the value keeps its kind. */

import { Button, Group, Popover, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { keys } from "#api/keys.ts";
import { setValue } from "#api/run-edits.ts";
import type { AttributeInfo } from "#api/types.ts";
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
    event.stopPropagation();
    if (event.key === "Escape") onClose();
    if (event.key === "Enter" && (!long || event.ctrlKey || event.metaKey)) void save(text);
  };
  return (
    <Popover
      opened
      onChange={(open) => open || onClose()}
      position="bottom-start"
      width={long ? 380 : 280}
      trapFocus
      withinPortal
      shadow="md"
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <span className={styles.edited}>{children}</span>
      </Popover.Target>
      <Popover.Dropdown
        p={8}
        data-testid="value-editor"
        aria-label={label}
        onClick={(event) => event.stopPropagation()}
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
        {problem !== null && (
          <p className={styles.fault} role="alert">
            {problem}
          </p>
        )}
        <Group justify="flex-end" gap={6} mt={8}>
          <Button size="compact-xs" variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button size="compact-xs" loading={busy} onClick={() => void save(text)}>
            Save
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
