/** A small dialog at what it edits: a field or more, what is wrong with them, and the two ways out. Escape leaves. */

import { Button, Group, Popover } from "@mantine/core";
import type { KeyboardEvent, ReactNode } from "react";
import styles from "./edit-popover.module.css";

interface EditPopoverProps {
  readonly label: string;
  readonly testId: string;
  /** For a text of several lines. */
  readonly isWide: boolean;
  /** What is edited, where it stands. */
  readonly target: ReactNode;
  /** The fields. */
  readonly children: ReactNode;
  readonly problem: string | null;
  readonly isBusy: boolean;
  readonly words: { readonly leave: string; readonly save: string };
  readonly onClose: () => void;
  readonly onSave: () => void;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
}

export function EditPopover(props: EditPopoverProps) {
  const { label, testId, isWide, target, children, problem, isBusy, words, onClose, onSave, onKeyDown } = props;
  return (
    <Popover
      opened
      onChange={(open) => open || onClose()}
      position="bottom-start"
      width={isWide ? 380 : 280}
      trapFocus
      withinPortal
      shadow="md"
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>{target}</Popover.Target>
      <Popover.Dropdown
        p={8}
        data-testid={testId}
        aria-label={label}
        onClick={(event) => event.stopPropagation()}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape") onClose();
          else onKeyDown?.(event);
        }}
      >
        {children}
        {problem !== null && (
          <p className={styles.problem} role="alert">
            {problem}
          </p>
        )}
        <Group justify="flex-end" gap={6} mt={8}>
          <Button size="compact-xs" variant="default" onClick={onClose}>
            {words.leave}
          </Button>
          <Button size="compact-xs" loading={isBusy} onClick={onSave}>
            {words.save}
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
