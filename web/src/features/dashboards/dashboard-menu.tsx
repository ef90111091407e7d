/** What is done with a dashboard as a whole: another name, a copy, the end of it. */

import { ActionIcon, Button, Group, Menu, Modal } from "@mantine/core";
import { useState } from "react";
import { useViews, VIEW_NAME_LENGTH } from "#api/views.ts";
import { NameDialog } from "#widgets/name-dialog.tsx";
import { newNameProblem } from "./dashboard.ts";
import styles from "./dashboard-page.module.css";

interface DashboardMenuProps {
  readonly project: string;
  readonly name: string;
  /** What it holds, as it is written. */
  readonly content: () => object;
  /** Called with the name of the copy, or with the other name. */
  readonly onMade: (name: string) => void;
  readonly onGone: () => void;
}

type Asking = "rename" | "duplicate" | "delete";

export function DashboardMenu({ project, name, content, onMade, onGone }: DashboardMenuProps) {
  const { views, save, remove } = useViews(project, "dashboard");
  const [asking, setAsking] = useState<Asking | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const close = () => {
    setAsking(null);
    setRefused(null);
  };
  const forget = async () => {
    try {
      await remove(name);
      close();
      onGone();
    } catch (fault) {
      setRefused(fault instanceof Error ? fault.message : String(fault));
    }
  };
  const make = async (next: string) => {
    await save(next, content());
    // Under both names it is lost under none, should this be refused.
    if (asking === "rename") await remove(name);
    close();
    onMade(next);
  };
  return (
    <>
      <Menu
        position="bottom-end"
        width={160}
        withInitialFocusPlaceholder={false}
        shadow="md"
        transitionProps={{ duration: 0 }}
      >
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={26} aria-label={`More of the dashboard ${name}`}>
            <span aria-hidden="true">⋮</span>
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setAsking("rename")}>Rename…</Menu.Item>
          <Menu.Item onClick={() => setAsking("duplicate")}>Duplicate…</Menu.Item>
          <Menu.Divider />
          <Menu.Item c="var(--bad)" onClick={() => setAsking("delete")}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {(asking === "rename" || asking === "duplicate") && (
        <NameDialog
          title={asking === "rename" ? `Rename the dashboard ${name}` : `Duplicate the dashboard ${name}`}
          action={asking === "rename" ? "Rename" : "Duplicate"}
          initial={name}
          maxLength={VIEW_NAME_LENGTH}
          problemOf={(wanted) => views && newNameProblem(wanted, views)}
          onClose={close}
          onName={make}
        >
          {asking === "rename" && <p className={styles.hint}>Links to the name that it has now lead nowhere then.</p>}
        </NameDialog>
      )}
      <Modal
        opened={asking === "delete"}
        onClose={close}
        title={`Delete the dashboard ${name}?`}
        centered
        transitionProps={{ duration: 0 }}
      >
        <p className={styles.text}>{refused ?? "It goes away for all who see this project. Its runs stay."}</p>
        <Group justify="flex-end" gap={8}>
          <Button variant="default" size="xs" onClick={close}>
            Keep it
          </Button>
          <Button size="xs" color="red" data-autofocus onClick={() => void forget()}>
            Delete
          </Button>
        </Group>
      </Modal>
    </>
  );
}
