/** Fields that series of a project are chosen in. */

import { useState } from "react";
import { useColumns } from "#api/queries.ts";
import { ExpressionField } from "#widgets/expression-field.tsx";
import styles from "./dashboard-page.module.css";

/** The series that a field offers, those that fit what is typed. */
export function useSeriesOptions(project: string) {
  const [search, setSearch] = useState("");
  const { data } = useColumns(project, search, true);
  const options = (data?.columns ?? []).filter(({ kind }) => kind === "float_series").map(({ path }) => path);
  return { options, onSearch: setSearch };
}

interface SeriesExpressionProps {
  readonly project: string;
  /** Empty for a new one. */
  readonly text: string;
  /** Null: nothing has changed. */
  readonly onDone: (text: string | null) => void;
  readonly onRemove: () => void;
}

export function SeriesExpression({ project, ...field }: SeriesExpressionProps) {
  const offered = useSeriesOptions(project);
  return (
    <div className={styles.expression}>
      {/* Which series there are depends on the runs, and a dashboard may show others tomorrow. */}
      <ExpressionField {...offered} {...field} />
    </div>
  );
}
