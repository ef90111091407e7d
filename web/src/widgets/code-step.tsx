/** Lines to copy, under what they are for. */

import styles from "./code-step.module.css";
import { CopyButton } from "./copy-button.tsx";

interface CodeStepProps {
  /** Null: the order doesn't matter. */
  readonly number: number | null;
  readonly title: string;
  readonly text: string;
}

export function CodeStep({ number, title, text }: CodeStepProps) {
  return (
    <section className={styles.step}>
      <h2 className={styles.heading}>
        {number !== null && <span className={styles.ordinal}>{number}</span>}
        {title}
        <span className={styles.copy}>
          <CopyButton text={text} label="Copy lines" />
        </span>
      </h2>
      <pre className={styles.code} tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}
