/** A heading that opens and closes what is below it. */

import type { ReactNode } from "react";
import { ChevronIcon } from "./icons.tsx";
import styles from "./section.module.css";

interface SectionProps {
  readonly title: ReactNode;
  readonly count?: number;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly children: ReactNode;
}

export function Section({ title, count, isOpen, onToggle, children }: SectionProps) {
  return (
    <section className={styles.section}>
      <h2 className={styles.heading}>
        <button type="button" className={styles.toggle} aria-expanded={isOpen} onClick={onToggle}>
          <span className={styles.chevron} data-open={isOpen}>
            <ChevronIcon size={12} />
          </span>
          <span className={styles.title}>{title}</span>
          {count !== undefined && <span className={styles.count}>{count}</span>}
        </button>
      </h2>
      {isOpen && children}
    </section>
  );
}
