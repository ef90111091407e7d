/** Says whether what is on the page is the present. */

import { useLiveState } from "#api/provider.tsx";
import styles from "./live-indicator.module.css";

const WORDS = { live: "Live", connecting: "Connecting…", lost: "Reconnecting…" } as const;
const MEANINGS = {
  live: "The page shows everything as it arrives.",
  connecting: "The page is being connected to the server.",
  lost: "The connection to the server is lost. What you see may be old; it is being restored.",
} as const;

export function LiveIndicator() {
  const state = useLiveState();
  if (state === null) return null;
  return (
    <span className={styles.live} data-testid="live-indicator" data-state={state} role="status" title={MEANINGS[state]}>
      <span className={styles.dot} aria-hidden="true" />
      {WORDS[state]}
    </span>
  );
}
