/** The empty server: the exact lines that make the first run appear. */

import { Link } from "@tanstack/react-router";
import { INSTALL, programFor } from "#base/client-lines.ts";
import { CodeStep } from "#widgets/code-step.tsx";
import styles from "./quick-start.module.css";

export function QuickStart() {
  return (
    <div className={styles.page} data-testid="quick-start">
      <h1 className={styles.title}>No runs yet</h1>
      <p className={styles.text}>
        Log the first one. It appears here by itself, while it runs. <Link to="/connect">More ways to connect</Link>
      </p>
      <CodeStep number={1} title="Install, and start the server" text={INSTALL} />
      <CodeStep
        number={2}
        title="Save as first.py, then run python first.py"
        text={programFor(window.location.origin)}
      />
    </div>
  );
}
