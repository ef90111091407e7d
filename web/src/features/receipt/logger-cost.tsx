/** A quiet fact in the head of a run: what a logging call costs its training, with the queue on demand. */

import { Tooltip } from "@mantine/core";
import type { AttributeInfo } from "#api/types.ts";
import { costOf, costSentence, microseconds } from "./cost.ts";
import styles from "./receipt-badge.module.css";

export function LoggerCost({ attributes }: { readonly attributes: readonly AttributeInfo[] }) {
  const cost = costOf(attributes);
  if (cost === null) return null;
  const sentence = costSentence(cost);
  return (
    <Tooltip label={sentence} multiline maw={360} events={{ hover: true, focus: true, touch: true }}>
      <button
        type="button"
        className={`${styles.badge} ${styles.cost}`}
        data-testid="logger-cost"
        aria-label={`Logging costs ${sentence}`}
      >
        {microseconds(cost.middle)} per call
      </button>
    </Tooltip>
  );
}
