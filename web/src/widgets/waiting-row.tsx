/** What stands where a row of a list will be, as long as it is on its way. */

import styles from "./waiting-row.module.css";

interface WaitingRowProps {
  /** Pixels from the beginning of the list. */
  readonly top: number;
  readonly height: number;
}

export function WaitingRow({ top, height }: WaitingRowProps) {
  return (
    <div
      className={styles.row}
      data-testid="waiting-row"
      aria-hidden="true"
      style={{ transform: `translateY(${top}px)`, height }}
    />
  );
}
