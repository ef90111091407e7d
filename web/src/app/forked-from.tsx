/** Which run a run was forked from, and where. */

import { Link } from "@tanstack/react-router";
import { useParent } from "#api/queries.ts";
import type { Run } from "#api/types.ts";
import { formatNumber } from "#base/numbers.ts";
import styles from "./run-header.module.css";

interface ForkedFromProps {
  readonly project: string;
  readonly fork: NonNullable<Run["fork"]>;
}

export function ForkedFrom({ project, fork }: ForkedFromProps) {
  const { data: parent, error } = useParent(fork.run_id);
  const [workspace = "", name = ""] = project.split("/");
  return (
    <span className={styles.fact} data-testid="forked-from">
      <span className={styles.label}>Forked from</span>{" "}
      {parent === undefined ? (
        <span>{error === null ? "…" : "a run that is not here"}</span>
      ) : (
        <Link to="/$workspace/$project/runs/$key" params={{ workspace, project: name, key: parent.key }}>
          {parent.key}
        </Link>
      )}{" "}
      <span className={styles.label}>at step</span> {formatNumber(fork.step)}
    </span>
  );
}
