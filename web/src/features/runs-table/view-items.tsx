/** The saved views in the menu of the table. */

import { ActionIcon, Group, Menu } from "@mantine/core";
import { CloseIcon } from "#widgets/icons.tsx";
import styles from "./runs-page.module.css";
import type { ListedView } from "./saved-views.ts";

interface ViewItemsProps {
  readonly views: readonly ListedView[];
  readonly onOpen: (address: string) => void;
  readonly onForget: (view: ListedView) => void;
}

export function ViewItems({ views, onOpen, onForget }: ViewItemsProps) {
  if (views.length === 0) return null;
  return (
    <>
      <Menu.Label>Saved views</Menu.Label>
      {views.map((view) => (
        <Group key={`${view.shared} ${view.name}`} gap={0} wrap="nowrap">
          <Menu.Item
            onClick={() => onOpen(view.address)}
            data-testid="saved-view"
            data-shared={view.shared}
            rightSection={view.shared ? <span className={styles.shared}>shared</span> : null}
          >
            {view.name}
          </Menu.Item>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={24}
            aria-label={view.shared ? `Forget the view ${view.name} for all` : `Forget the view ${view.name}`}
            onClick={() => onForget(view)}
          >
            <CloseIcon size={12} />
          </ActionIcon>
        </Group>
      ))}
      <Menu.Divider />
    </>
  );
}
