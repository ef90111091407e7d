/** A heading that opens and closes what is below it. */

import { type ReactNode, useState } from "react";
import { ChevronIcon } from "./icons.tsx";
import styles from "./section.module.css";

interface SectionProps {
  readonly title: ReactNode;
  readonly count?: number;
  readonly initiallyOpen?: boolean;
  readonly children: ReactNode;
}

export function Section({ title, count, initiallyOpen = true, children }: SectionProps) {
  const [open, setOpen] = useState(initiallyOpen);
  return (
    <section className={styles.section}>
      <h2 className={styles.heading}>
        <button type="button" className={styles.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
          <span className={styles.chevron} data-open={open}>
            <ChevronIcon size={12} />
          </span>
          <span className={styles.title}>{title}</span>
          {count !== undefined && <span className={styles.count}>{count}</span>}
        </button>
      </h2>
      {open && children}
    </section>
  );
}
