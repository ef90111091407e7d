/** What a run printed, as it prints it. */

import { ActionIcon, Button, Select, Switch, Tooltip } from "@mantine/core";
import { useMemo, useRef, useState } from "react";
import type { AttributeInfo, Run } from "#api/types.ts";
import { formatCount } from "#base/numbers.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { DownIcon, UpIcon, WrapIcon } from "#widgets/icons.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import styles from "./console-tab.module.css";
import { ConsoleView } from "./console-view.tsx";
import { findLines } from "./find.ts";
import type { ConsoleLine, Log } from "./log.ts";
import { interleave, outputPaths } from "./log.ts";
import { useLogs } from "./logs.ts";
import { Traceback } from "./traceback.tsx";

export interface ConsoleViewState {
  readonly filter?: string | undefined;
  readonly path?: string | undefined;
}

interface ConsoleTabProps {
  readonly run: Run;
  readonly attributes: readonly AttributeInfo[];
  readonly view: ConsoleViewState;
  readonly onView: (patch: ConsoleViewState) => void;
}

const EVERYTHING = "";
const NO_PATHS: readonly string[] = [];

export function ConsoleTab({ run, attributes, view, onView }: ConsoleTabProps) {
  const [follow, setFollow] = useState(true);
  const [wrap, setWrap] = useState(false);
  const series = attributes.filter(({ kind }) => kind === "string_series").map(({ path }) => path);
  const output = outputPaths(series);
  const other = series.filter((path) => !output.includes(path));
  const chosen = view.path !== undefined && series.includes(view.path) ? view.path : null;
  const fallback = output.length > 0 ? output : other.slice(0, 1);
  const paths = chosen === null ? fallback : [chosen];
  const { results, loadEarlier } = useLogs(run.id, paths.length === 0 ? NO_PATHS : paths, follow);
  const logs = results.flatMap(({ data }, index) => {
    const path = paths[index];
    return data === undefined || path === undefined ? [] : [{ path, log: data }];
  });
  const lines = useInterleaved(logs);
  const search = view.filter ?? "";
  const found = useMemo(() => findLines(lines, search), [lines, search]);
  const [at, setAt] = useState<number | null>(null);
  const current = found.length === 0 ? null : Math.min(at ?? found.length - 1, found.length - 1);
  const step = (by: number) => {
    if (current === null) return;
    setFollow(false);
    setAt((current + by + found.length) % found.length);
  };
  const missing = logs.filter(({ log }) => !log.complete);
  const loadMore = () => {
    // The log whose loaded part begins last is the one that hides lines of the others.
    const next = missing.sort((a, b) => (b.log.lines[0]?.time ?? 0) - (a.log.lines[0]?.time ?? 0))[0];
    return next === undefined ? Promise.resolve() : loadEarlier(next.path);
  };
  const loadAll = async () => {
    for (const { path } of missing) await loadEarlier(path);
  };
  const error = results.find((result) => result.error !== null)?.error;
  const failed = run.status === "failed" || run.status === "crashed";
  const tracebacks = series.filter((path) => path.endsWith("/traceback"));
  if (series.length === 0) {
    return (
      <EmptyState title="Nothing was printed yet">
        What the program writes to its standard output and error appears here, line by line.
      </EmptyState>
    );
  }
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <Select
          size="xs"
          className={styles.source ?? ""}
          aria-label="What to show"
          data-testid="console-source"
          allowDeselect={false}
          comboboxProps={{ width: "max-content", position: "bottom-start" }}
          value={chosen ?? (output.length > 0 ? EVERYTHING : (paths[0] ?? EVERYTHING))}
          onChange={(value) => onView({ path: value === EVERYTHING || value === null ? undefined : value })}
          data={[
            ...(output.length > 0 ? [{ value: EVERYTHING, label: "All output" }] : []),
            ...[...output, ...other].map((path) => ({ value: path, label: shortName(path) })),
          ]}
        />
        <SearchInput
          className={styles.search}
          value={search}
          onChange={(text) => {
            setAt(null);
            onView({ filter: text || undefined });
          }}
          onEnter={(backwards) => step(backwards ? 1 : -1)}
          label="Search lines"
          testId="console-search"
        />
        {search !== "" && (
          <span className={styles.found} role="status">
            {current === null ? "0" : formatCount(current + 1)} / {formatCount(found.length)}
            <ActionIcon size={22} variant="subtle" color="gray" aria-label="Previous match" onClick={() => step(-1)}>
              <UpIcon size={13} />
            </ActionIcon>
            <ActionIcon size={22} variant="subtle" color="gray" aria-label="Next match" onClick={() => step(1)}>
              <DownIcon size={13} />
            </ActionIcon>
          </span>
        )}
        {search !== "" && missing.length > 0 && (
          <Button size="compact-xs" variant="subtle" onClick={() => void loadAll()}>
            Search earlier lines too
          </Button>
        )}
        <span className={styles.tools}>
          <Tooltip label="Wrap long lines" openDelay={400}>
            <ActionIcon
              size={26}
              variant={wrap ? "light" : "subtle"}
              color={wrap ? "tide" : "gray"}
              aria-label="Wrap long lines"
              aria-pressed={wrap}
              onClick={() => setWrap(!wrap)}
            >
              <WrapIcon />
            </ActionIcon>
          </Tooltip>
          <Switch
            size="xs"
            label="Follow"
            checked={follow}
            onChange={(event) => setFollow(event.currentTarget.checked)}
            data-testid="console-follow"
          />
        </span>
      </div>
      {failed && tracebacks.map((path) => <Traceback key={path} runId={run.id} path={path} />)}
      {error != null && <ErrorState error={error} />}
      <ConsoleView
        lines={lines}
        several={paths.length > 1}
        complete={missing.length === 0}
        wrap={wrap}
        follow={follow}
        onFollow={setFollow}
        search={search}
        target={current === null || (follow && at === null) ? null : (found[current] ?? null)}
        onStart={() => void loadMore()}
      />
    </div>
  );
}

interface NamedLog {
  readonly path: string;
  readonly log: Log;
}

/** `interleave`, done again only when one of the logs is another; their number may change from call to call. */
function useInterleaved(logs: readonly NamedLog[]): readonly ConsoleLine[] {
  const held = useRef<{ logs: readonly NamedLog[]; lines: readonly ConsoleLine[] }>({ logs: [], lines: [] });
  const before = held.current.logs;
  const same = before.length === logs.length && logs.every(({ log }, index) => before[index]?.log === log);
  if (!same) held.current = { logs, lines: interleave(logs) };
  return held.current.lines;
}

function shortName(path: string): string {
  return path.replace(/^monitoring\//, "");
}
