/** The empty server: the exact lines that make the first run appear. */

import { CopyButton } from "#widgets/copy-button.tsx";
import styles from "./quick-start.module.css";

const INSTALL = `pip install marigram
marigram up`;

const DEFAULT_ADDRESSES = ["http://127.0.0.1:6274", "http://localhost:6274"];

/** The client finds a server at the default address by itself; any other must be named. */
function programFor(origin: string): string {
  const url = DEFAULT_ADDRESSES.includes(origin) ? "" : `, url="${origin}"`;
  return `import math
import marigram

run = marigram.init_run(project="me/first"${url})
run["params"] = {"lr": 0.01, "optimizer": "adam"}
for step in range(100):
    run["train/loss"].append(math.exp(-step / 30))
run["test/accuracy"] = 0.93
run.stop()`;
}

export function QuickStart() {
  return (
    <div className={styles.page} data-testid="quick-start">
      <h1 className={styles.title}>No runs yet</h1>
      <p className={styles.text}>Log the first one. It appears here by itself, while it runs.</p>
      <Step number={1} title="Install, and start the server" text={INSTALL} />
      <Step number={2} title="Save as first.py, then run python first.py" text={programFor(window.location.origin)} />
    </div>
  );
}

function Step({ number, title, text }: { readonly number: number; readonly title: string; readonly text: string }) {
  return (
    <section className={styles.step}>
      <h2 className={styles.heading}>
        <span className={styles.ordinal}>{number}</span>
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
