/** What a page says when it has nothing to show: what happened, then what to do. */

import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./empty-state.module.css";

interface EmptyStateProps {
  readonly title: string;
  /** Whether this is all that the page has to say, so that its title is the page's heading. */
  readonly isPage?: boolean;
  /** Lines to start with. */
  readonly start?: ReactNode;
  readonly children?: ReactNode;
}

export function EmptyState({ title, isPage = false, start, children }: EmptyStateProps) {
  const Title = isPage ? "h1" : "p";
  return (
    <div className={styles.empty}>
      <Title className={styles.title}>{title}</Title>
      {children !== undefined && <div className={styles.text}>{children}</div>}
      {start !== undefined && <div className={styles.start}>{start}</div>}
    </div>
  );
}

export function ErrorState({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  return (
    <div className={styles.empty} role="alert">
      <p className={styles.title}>This could not be loaded</p>
      <div className={styles.text}>{error.message}</div>
      {onRetry !== undefined && (
        <Button size="xs" variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}
