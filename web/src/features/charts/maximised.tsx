/** A chart over the whole page. */

import { Modal } from "@mantine/core";
import type { ReactNode } from "react";

interface MaximisedProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  /** Makes the chart of a height in pixels. */
  readonly children: (height: number) => ReactNode;
}

/** Of the window's height, what a chart that fills the page leaves to its frame. */
const FILLED_SHARE = 0.62;

export function Maximised({ opened, onClose, children }: MaximisedProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="min(1400px, 96vw)"
      title="Chart"
      centered
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {opened && children(Math.round(window.innerHeight * FILLED_SHARE))}
    </Modal>
  );
}
