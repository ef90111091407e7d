/** Asks for the name of something that is to be kept: a new one, a copy, or the same under another name. */

import { Button, Group, Modal, TextInput } from "@mantine/core";
import { type ReactNode, useEffect, useEffectEvent, useState } from "react";

interface NameDialogProps {
  readonly title: string;
  /** What the button that does it says. */
  readonly action: string;
  readonly initial: string;
  readonly maxLength: number;
  /** What is wrong with a name, null if nothing is; undefined while that is not known. */
  readonly problemOf: (name: string) => string | null | undefined;
  readonly onClose: () => void;
  /** Throws what the server refuses. */
  readonly onName: (name: string) => Promise<void>;
  /** What else is asked. */
  readonly children?: ReactNode;
}

export function NameDialog(props: NameDialogProps) {
  const { title, action, initial, maxLength, problemOf, onClose, onName, children } = props;
  const [typed, setTyped] = useState(initial);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const name = typed.trim();
  // The name that it has is not wrong, only not new.
  const wrong = busy || name === initial ? null : problemOf(name);
  const problem = refused ?? wrong;
  const isNew = name !== "" && name !== initial;
  const isReady = isNew && problem === null;
  // Whether it shall be done as soon as it is known that nothing is wrong.
  const [isWanted, setWanted] = useState(false);
  const submit = async () => {
    setWanted(isNew && problem === undefined);
    if (!isReady || busy) return;
    setBusy(true);
    try {
      await onName(name);
    } catch (fault) {
      setRefused(fault instanceof Error ? fault.message : String(fault));
      setBusy(false);
    }
  };
  const goOn = useEffectEvent(() => void submit());
  useEffect(() => {
    if (isWanted && isReady) goOn();
  }, [isWanted, isReady]);
  return (
    <Modal opened onClose={onClose} title={title} centered transitionProps={{ duration: 0 }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <TextInput
          size="xs"
          label="Name"
          maxLength={maxLength}
          data-autofocus
          value={typed}
          error={problem}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setWanted(false);
            setRefused(null);
          }}
        />
        {children}
        <Group justify="flex-end" gap={8} mt={12}>
          <Button size="xs" variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" size="xs" disabled={!isNew || typeof problem === "string"} loading={busy || isWanted}>
            {action}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
