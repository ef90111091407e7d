/** The end of a list that is fetched as one scrolls. */

import { useEffect, useRef } from "react";
import styles from "./more.module.css";
import { useVisible } from "./visible.ts";

/** The end of what is in the page: when one comes close to it, there is more. */
export function More({ onReached }: { readonly onReached: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  const visible = useVisible(end);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the end is reached.
  useEffect(() => {
    if (visible) onReached();
  }, [visible]);
  return <div ref={end} className={styles.more} />;
}
