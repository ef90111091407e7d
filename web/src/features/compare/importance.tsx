/** Which parameters explain a result, over the compared runs or over those of the project that a query wants. */

import { Loader, SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import {
  type ImportanceInfo,
  type ImportanceList,
  type ParameterGroupInfo,
  type RunChoice,
  useImportance,
} from "#api/importance.ts";
import { useColumns } from "#api/queries.ts";
import { formatCount, formatNumber, parseJsonFloat } from "#base/numbers.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { PathSelect } from "#widgets/path-select.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { valueWords } from "./changes.ts";
import type { ComparedRun, CompareView } from "./compare-page.tsx";
import styles from "./importance.module.css";

interface ImportanceProps {
  readonly project: string;
  readonly compared: readonly ComparedRun[];
  readonly view: CompareView;
  readonly onView: (patch: CompareView) => void;
}

/** From here on a query says which runs, for their names would make too long an address. */
const MOST_NAMED = 100;

export function Importance({ project, compared, view, onView }: ImportanceProps) {
  const target = view.target ?? "";
  const measured = view.measure === undefined || target === "" ? target : `${view.measure}(${target})`;
  const isAll = view.scope === "all" || compared.length > MOST_NAMED;
  const query = view.filter ?? "";
  const choice = useMemo<RunChoice>(
    () => (isAll ? { query } : { runIds: compared.map(({ run }) => run.id) }),
    [isAll, query, compared],
  );
  const { data, error, isLoading } = useImportance(project, measured, choice);
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <TargetSelect project={project} view={view} onView={onView} />
        <SegmentedControl
          size="xs"
          aria-label="Which runs"
          data-testid="importance-scope"
          value={isAll ? "all" : "compared"}
          data={[
            {
              value: "compared",
              label: compared.length === 1 ? "This run" : `These ${compared.length} runs`,
              disabled: compared.length > MOST_NAMED,
            },
            { value: "all", label: "All of the project" },
          ]}
          onChange={(value) => onView({ scope: value === "all" ? "all" : undefined, filter: undefined })}
        />
        {isAll && (
          <SearchInput
            className={styles.filter}
            value={query}
            onChange={(text) => onView({ filter: text || undefined })}
            label="Which of them, as a query"
            testId="importance-query"
            pause={500}
          />
        )}
        {data !== undefined && target !== "" && (
          <span className={styles.words} data-testid="importance-count">
            {formatCount(data.measured_count)} of {formatCount(data.run_count)} runs have it
          </span>
        )}
      </div>
      {error !== null && <ErrorState error={error} />}
      {target === "" && (
        <EmptyState title="Choose a result">
          Each parameter is then ranked by how much of the order of that result it explains.
        </EmptyState>
      )}
      {isLoading && <Loader size={20} color="gray" className={styles.waiting ?? ""} />}
      {error === null && target !== "" && data !== undefined && <ParameterTable found={data} target={measured} />}
    </div>
  );
}

interface TargetSelectProps {
  readonly project: string;
  readonly view: CompareView;
  readonly onView: (patch: CompareView) => void;
}

const MEASURES = ["last", "min", "max", "average"] as const;
const MEASURE_WORDS = { last: "Last", min: "Lowest", max: "Highest", average: "Mean" } as const;
const TARGET_KINDS: readonly string[] = ["int", "float", "float_series"];

function TargetSelect({ project, view, onView }: TargetSelectProps) {
  const [search, setSearch] = useState("");
  const { data } = useColumns(project, search, true);
  const options = [
    ...new Set((data?.columns ?? []).filter(({ kind }) => TARGET_KINDS.includes(kind)).map(({ path }) => path)),
  ];
  return (
    <>
      <PathSelect
        label="Result to explain"
        placeholder="Result to explain"
        className={styles.target}
        testId="importance-target"
        clearable
        value={view.target ?? null}
        options={options}
        onSearch={setSearch}
        onChange={(target) => onView({ target: target ?? undefined })}
      />
      <SegmentedControl
        size="xs"
        aria-label="What stands for a series"
        value={view.measure ?? "last"}
        data={MEASURES.map((value) => ({ value, label: MEASURE_WORDS[value] }))}
        onChange={(value) => {
          const measure = MEASURES.find((each) => each === value);
          onView({ measure: measure === "last" ? undefined : measure });
        }}
      />
    </>
  );
}

function ParameterTable({ found, target }: { readonly found: ImportanceList; readonly target: string }) {
  if (found.parameters.length === 0) {
    return (
      <EmptyState title={found.measured_count < 2 ? `Too few runs have ${target}` : "No parameter varies"}>
        Choose another result, or more runs.
      </EmptyState>
    );
  }
  return (
    <>
      <div className={styles.scroller} tabIndex={0} role="group" aria-label="Parameters">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Parameter</th>
              <th scope="col">Importance</th>
              <th scope="col">Correlation</th>
              <th scope="col">Runs</th>
              <th scope="col">Median of {target} by value</th>
            </tr>
          </thead>
          <tbody>
            {found.parameters.map((each) => (
              <ParameterRow key={each.path} each={each} />
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.note}>
        Importance: how much of the order of the result groups of runs by this parameter alone explain, 0 to 1, less
        what they would by chance. Correlation: Spearman’s, by rank.
      </p>
    </>
  );
}

function ParameterRow({ each }: { readonly each: ImportanceInfo }) {
  const { path, importance, correlation, run_count, distinct, groups } = each;
  return (
    <tr data-testid="parameter" data-path={path}>
      <th scope="row" className={styles.path}>
        {path}
      </th>
      <td>
        {importance === null ? (
          <span className={styles.words} title="Too few runs for so many values">
            –
          </span>
        ) : (
          <Share value={importance} />
        )}
      </td>
      <td>{correlation === null ? <span className={styles.words}>–</span> : <Share value={correlation} />}</td>
      <td className={styles.number}>
        {formatCount(run_count)}
        <span className={styles.words}> with {formatCount(distinct)} values</span>
      </td>
      <td>
        <Groups groups={groups} />
      </td>
    </tr>
  );
}

/** A number from -1 to 1 with a bar from the middle, or from 0 to 1 with one from the left. */
function Share({ value }: { readonly value: number }) {
  return (
    <span className={styles.share}>
      <span className={styles.number}>{value.toFixed(2).replace("-", "−")}</span>
      <span className={styles.track}>
        <span data-negative={value < 0 || undefined} style={{ width: `${Math.abs(value) * 100}%` }} />
      </span>
    </span>
  );
}

function Groups({ groups }: { readonly groups: readonly ParameterGroupInfo[] }) {
  const medians = groups.map(({ median }) => parseJsonFloat(median));
  const least = Math.min(...medians);
  const most = Math.max(...medians);
  return (
    <ul className={styles.groups}>
      {groups.map(({ low, high, run_count, median }) => {
        const value = parseJsonFloat(median);
        const share = most > least ? (value - least) / (most - least) : 0.5;
        const name = low === high ? valueWords(low) : `${valueWords(low)} … ${valueWords(high)}`;
        return (
          <li key={name} title={`${name}: ${formatNumber(value)}, ${formatCount(run_count)} runs`}>
            <span className={styles.dot} style={{ bottom: `${share * 14}px` }} />
            <span className={styles.groupName}>{name}</span>
            <span className={styles.number}>{formatNumber(value)}</span>
          </li>
        );
      })}
    </ul>
  );
}
