/** Asks for a view's name, and whether others shall have it too. */

import { Button, Checkbox, Group, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { nameProblem, VIEW_NAME_LENGTH } from "#api/views.ts";
import styles from "./runs-page.module.css";

interface NameViewProps {
  readonly onClose: () => void;
  /** Throws what the server refuses. */
  readonly onSave: (name: string, shared: boolean) => Promise<void>;
}

export function NameView({ onClose, onSave }: NameViewProps) {
  const [typed, setTyped] = useState("");
  const [shared, setShared] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const name = typed.trim();
  const problem = refused ?? nameProblem(name);
  const save = async () => {
    if (name === "" || problem !== null || busy) return;
    setBusy(true);
    try {
      await onSave(name, shared);
      onClose();
    } catch (error) {
      setBusy(false);
      setRefused(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Modal opened onClose={onClose} title="Save this view" centered transitionProps={{ duration: 0 }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <p className={styles.text}>Filter, order, columns and groups are kept under a name.</p>
        <TextInput
          size="xs"
          label="Name"
          maxLength={VIEW_NAME_LENGTH}
          data-autofocus
          value={typed}
          error={problem}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setRefused(null);
          }}
        />
        <Checkbox
          mt={10}
          size="xs"
          label="Share it with all who see this project"
          checked={shared}
          onChange={(event) => setShared(event.currentTarget.checked)}
        />
        <Group justify="flex-end" mt={12}>
          <Button type="submit" size="xs" disabled={name === "" || problem !== null} loading={busy}>
            Save
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
