/** The head of a run's page. */

import { useAttributes } from "#api/attributes.ts";
import { SYSTEM } from "#api/attributes-question.ts";
import type { AttributeInfo, Run } from "#api/types.ts";
import { foreignClient } from "#base/foreign-client.ts";
import { ModelsOfRun } from "#features/models/models-of-run.tsx";
import { LoggerCost } from "#features/receipt/logger-cost.tsx";
import { ReceiptBadge } from "#features/receipt/receipt-badge.tsx";
import { StopControl } from "#features/stop/stop-control.tsx";
import { CopyButton } from "#widgets/copy-button.tsx";
import { Duration } from "#widgets/duration.tsx";
import { RelativeTime } from "#widgets/relative-time.tsx";
import { StatusBadge } from "#widgets/status-badge.tsx";
import { ForkedFrom } from "./forked-from.tsx";
import styles from "./run-header.module.css";

const NOTHING: readonly AttributeInfo[] = [];

export function RunHeader({ run }: { readonly run: Run }) {
  const { data: attributes = NOTHING } = useAttributes(run.id, SYSTEM);
  const foreign = foreignClient(attributes);
  const hasEnded = run.status !== "running" && run.status !== "stalled";
  return (
    <header className={styles.header}>
      <div className={styles.line}>
        <h1 className={styles.title}>
          <span className={styles.key}>{run.key}</span>
          {run.name !== "" && <span data-testid="run-name">{run.name}</span>}
        </h1>
        <CopyButton text={`${window.location.origin}/${run.project}/runs/${run.key}`} label="Copy link to this run" />
      </div>
      <div className={styles.facts}>
        <StatusBadge status={run.status} />
        <StopControl run={run} refusal={foreign?.noStop ?? null} />
        {hasEnded && <ReceiptBadge attributes={attributes} />}
        <LoggerCost run={run} />
        <span className={styles.fact}>
          <span className={styles.label}>Created</span> <RelativeTime time={run.created_at} />
        </span>
        <span className={styles.fact} data-testid="run-duration">
          <span className={styles.label}>Duration</span> <Duration run={run} />
        </span>
        <ModelsOfRun run={run} />
        {run.fork && <ForkedFrom project={run.project} fork={run.fork} />}
        {run.exit_code !== null && run.exit_code !== 0 && (
          <span className={styles.fact}>
            <span className={styles.label}>Exit code</span> {run.exit_code}
          </span>
        )}
        {run.tags.length > 0 && (
          <span className={styles.tags}>
            {run.tags.map((tag) => (
              <span key={tag} className={styles.tag}>
                {tag}
              </span>
            ))}
          </span>
        )}
      </div>
      {run.failure !== null && (run.status === "failed" || run.status === "crashed") && (
        <p className={styles.failure}>{run.failure}</p>
      )}
    </header>
  );
}
