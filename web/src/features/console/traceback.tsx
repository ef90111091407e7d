/** Why a run failed, above everything else that it printed. */

import { stripAnsi } from "#base/ansi.ts";
import { CopyButton } from "#widgets/copy-button.tsx";
import { useLogs } from "./logs.ts";
import styles from "./traceback.module.css";

interface TracebackProps {
  readonly runId: string;
  readonly path: string;
}

export function Traceback({ runId, path }: TracebackProps) {
  const { results } = useLogs(runId, [path], false);
  const lines = results[0]?.data?.lines ?? [];
  if (lines.length === 0) return null;
  const text = lines.map((line) => stripAnsi(line.text)).join("\n");
  return (
    <section className={styles.traceback} aria-label="Traceback" data-testid="traceback">
      <header className={styles.head}>
        <h2 className={styles.title}>Traceback</h2>
        <CopyButton text={text} label="Copy traceback" />
      </header>
      <pre className={styles.text} tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}
