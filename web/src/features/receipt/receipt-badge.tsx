/** A quiet mark in the head of a run: whether all that it logged is stored, with the numbers on demand. */

import { Tooltip } from "@mantine/core";
import type { AttributeInfo } from "#api/types.ts";
import { CheckIcon } from "#widgets/icons.tsx";
import { receiptOf, receiptSentence } from "./receipt.ts";
import styles from "./receipt-badge.module.css";

export function ReceiptBadge({ attributes }: { readonly attributes: readonly AttributeInfo[] }) {
  const receipt = receiptOf(attributes);
  if (receipt === null) return null;
  const sentence = receiptSentence(receipt);
  const complete = receipt.dropped === 0 && receipt.reasons.length === 0;
  const shown = complete ? "All stored" : `${receipt.dropped.toLocaleString("en-US")} dropped`;
  return (
    <Tooltip label={sentence} multiline maw={360} events={{ hover: true, focus: true, touch: true }}>
      <button
        type="button"
        className={styles.badge}
        data-complete={complete}
        data-testid="receipt"
        aria-label={`${shown}. ${sentence}`}
      >
        {complete ? <CheckIcon size={13} /> : <span aria-hidden="true">!</span>}
        {shown}
      </button>
    </Tooltip>
  );
}
