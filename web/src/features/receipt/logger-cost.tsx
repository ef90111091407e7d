/** A quiet fact in the head of a run: what a logging call costs its training, with the queue on demand. */

import { Tooltip } from "@mantine/core";
import { useAttributes } from "#api/attributes.ts";
import type { Run } from "#api/types.ts";
import { COST_SERIES, costOf, costSentence, microseconds } from "./cost.ts";
import styles from "./receipt-badge.module.css";

const RENEW_MS = 5000;

export function LoggerCost({ run }: { readonly run: Run }) {
  const { data: attributes } = useAttributes(run.id, COST_SERIES, run.status === "running" ? RENEW_MS : null);
  const cost = attributes === undefined ? null : costOf(attributes);
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
