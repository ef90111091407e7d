/** A part of a page under a small heading, with how many there are of what it lists. */

import type { ReactNode } from "react";
import { formatCount } from "#base/numbers.ts";
import styles from "./part.module.css";

interface PartProps {
  readonly title: string;
  readonly count?: number;
  readonly children: ReactNode;
}

export function Part({ title, count, children }: PartProps) {
  return (
    <section className={styles.part} aria-label={title}>
      <h2 className={styles.title}>
        {title}
        {count !== undefined && count > 0 && <span className={styles.count}>{formatCount(count)}</span>}
      </h2>
      {children}
    </section>
  );
}
