/** Asks for a view's name, and whether others shall have it too. */

import { Checkbox } from "@mantine/core";
import { useState } from "react";
import { nameProblem, VIEW_NAME_LENGTH } from "#api/views.ts";
import { NameDialog } from "#widgets/name-dialog.tsx";
import styles from "./runs-page.module.css";

interface NameViewProps {
  readonly onClose: () => void;
  /** Throws what the server refuses. */
  readonly onSave: (name: string, shared: boolean) => Promise<void>;
}

export function NameView({ onClose, onSave }: NameViewProps) {
  const [shared, setShared] = useState(false);
  const save = async (name: string) => {
    await onSave(name, shared);
    onClose();
  };
  return (
    <NameDialog
      title="Save this view"
      action="Save"
      initial=""
      maxLength={VIEW_NAME_LENGTH}
      problemOf={nameProblem}
      onClose={onClose}
      onName={save}
    >
      <p className={styles.text}>Filter, order, columns and groups are kept under the name.</p>
      <Checkbox
        mt={10}
        size="xs"
        label="Share it with all who see this project"
        checked={shared}
        onChange={(event) => setShared(event.currentTarget.checked)}
      />
    </NameDialog>
  );
}
