/** What a run printed, as it prints it. */

import { ActionIcon, Loader, SegmentedControl, Switch, Tooltip } from "@mantine/core";
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { address, runPath } from "#api/request.ts";
import { MOST_TEXTS, useChosenText, useTextSeries } from "#api/text-series.ts";
import type { Run } from "#api/types.ts";
import { stripAnsi } from "#base/ansi.ts";
import type { ForeignClient } from "#base/foreign-client.ts";
import { formatCount } from "#base/numbers.ts";
import { CopyButton } from "#widgets/copy-button.tsx";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { DownIcon, DownloadIcon, LinkIcon, UpIcon, WrapIcon } from "#widgets/icons.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { Waiting } from "#widgets/waiting.tsx";
import { useConsoleSearch } from "./console-search.ts";
import styles from "./console-tab.module.css";
import { ConsoleView } from "./console-view.tsx";
import type { ConsoleLine, LinePlace, Log } from "./log.ts";
import { interleave, outputPaths, outputPattern, parsePlace, placeText, TRACEBACKS } from "./log.ts";
import { useLogs } from "./logs.ts";
import { SourceSelect } from "./source-select.tsx";
import { Traceback } from "./traceback.tsx";

export interface ConsoleViewState {
  readonly filter?: string | undefined;
  readonly path?: string | undefined;
  readonly regex?: boolean | undefined;
  /** Whether long lines are wrapped. */
  readonly wrap?: boolean | undefined;
  readonly stream?: "stdout" | "stderr" | undefined;
  /** The line that is singled out, as `placeText` writes it. */
  readonly line?: string | undefined;
}

interface ConsoleTabProps {
  readonly run: Run;
  /** The client that logs the run, if it is not our own. */
  readonly foreign: ForeignClient | null;
  readonly view: ConsoleViewState;
  readonly onView: (patch: ConsoleViewState) => void;
}

const BOTH = "both";
/** A failed run of many processes says in each why. */
const MOST_TRACEBACKS = 8;

export function ConsoleTab({ run, foreign, view, onView }: ConsoleTabProps) {
  const output = useTextSeries(run.id, outputPattern());
  const narrow = useTextSeries(run.id, outputPattern(view.stream), view.stream !== undefined);
  const first = useTextSeries(run.id, "", output.count === 0);
  const chosen = useChosenText(run.id, view.path);
  const failed = run.status === "failed" || run.status === "crashed";
  const tracebacks = useTextSeries(run.id, TRACEBACKS, failed);
  const stream = chosen.path === null ? view.stream : undefined;
  const all = stream === undefined ? output : narrow;
  const error = output.error ?? narrow.error ?? chosen.error;
  if (error !== null) return <ErrorState error={error} />;
  if (output.count === null || output.allCount === null || all.count === null || chosen.isPending || first.isAwaited) {
    return <Waiting />;
  }
  if (output.allCount === 0) {
    if (foreign !== null) return <EmptyState title="This client sends no console">{foreign.noConsole}</EmptyState>;
    return (
      <EmptyState title="Nothing was printed yet">
        What the program writes to its standard output and error appears here, line by line.
      </EmptyState>
    );
  }
  const together = output.count === 0 ? first.paths.slice(0, 1) : outputPaths(all.paths.slice(0, MOST_TEXTS));
  const paths = chosen.path === null ? together : [chosen.path];
  const leftOut = chosen.path === null && output.count > 0 ? all.count - paths.length : 0;
  const sources = (
    <>
      {(output.allCount > output.count || output.count > 2) && (
        <SourceSelect
          runId={run.id}
          value={chosen.path ?? (output.count > 0 ? null : (paths[0] ?? null))}
          hasOutput={output.count > 0}
          onChange={(path) => onView({ path: path ?? undefined, stream: undefined, line: undefined })}
        />
      )}
      {output.count > 0 && chosen.path === null && (
        <SegmentedControl
          size="xs"
          aria-label="Which output"
          data-testid="console-stream"
          value={stream ?? BOTH}
          onChange={(value) =>
            onView({ stream: value === "stdout" || value === "stderr" ? value : undefined, line: undefined })
          }
          data={[
            { value: BOTH, label: "Both" },
            { value: "stdout", label: "stdout" },
            { value: "stderr", label: "stderr" },
          ]}
        />
      )}
    </>
  );
  const shownTracebacks = failed ? tracebacks.paths.slice(0, MOST_TRACEBACKS) : [];
  return (
    <div className={styles.page}>
      <Output
        key={`${chosen.path ?? ""} ${stream ?? ""}`}
        run={run}
        paths={paths}
        view={view}
        onView={onView}
        sources={sources}
      >
        {leftOut > 0 && (
          <p className={styles.note} role="note">
            {`Of ${formatCount(all.count)} outputs the first ${formatCount(paths.length)} are shown together. `}
            The list of what to show finds each of the others.
          </p>
        )}
        {shownTracebacks.map((path) => (
          <Traceback key={path} runId={run.id} path={path} />
        ))}
        {failed && (tracebacks.count ?? 0) > shownTracebacks.length && (
          <p className={styles.note} role="note">
            {`${formatCount((tracebacks.count ?? 0) - shownTracebacks.length)} more processes said why they failed. `}
            The list of what to show finds each.
          </p>
        )}
      </Output>
    </div>
  );
}

interface OutputProps extends Omit<ConsoleTabProps, "foreign"> {
  readonly paths: readonly string[];
  readonly sources: React.ReactNode;
  readonly children: React.ReactNode;
}

/** One text of one or several series, with the tools to find one's way in it. */
function Output({ run, paths, view, onView, sources, children }: OutputProps) {
  const place = useMemo(() => parsePlace(view.line), [view.line]);
  const linked = place !== null && paths.includes(place.path) ? place : null;
  const [follow, setFollow] = useState(linked === null);
  const wrap = view.wrap === true;
  const [asked, setAsked] = useState(0);
  // A link leads to its line at once: the end of the log is not loaded first.
  const [tailWanted, setTailWanted] = useState(linked === null);
  const [problem, setProblem] = useState<Error | null>(null);
  const { results, loadEarlier, loadLater, showAround, showEnd } = useLogs(run.id, paths, follow, tailWanted);
  const logs = results.flatMap(({ data }, index) => {
    const path = paths[index];
    return data === undefined || path === undefined ? [] : [{ path, log: data }];
  });
  const lines = useInterleaved(logs);
  const begins = logs.filter(({ log }) => !log.complete);
  const ends = logs.filter(({ log }) => !log.ended);
  const attempt = (work: Promise<unknown>) => {
    setProblem(null);
    work.catch((error: unknown) => setProblem(error instanceof Error ? error : new Error(String(error))));
  };
  const show = useEffectEvent((wanted: LinePlace) => {
    setFollow(false);
    setAsked((count) => count + 1);
    if (lines.some((line) => placeText(line) === placeText(wanted))) return;
    attempt(
      showAround(wanted).finally(() => {
        // What is loaded stays; a series that begins from now on is loaded too.
        setTailWanted(true);
        setAsked((count) => count + 1);
      }),
    );
  });
  const linkedText = linked === null ? null : placeText(linked);
  useEffect(() => {
    const wanted = parsePlace(linkedText ?? undefined);
    if (wanted !== null) show(wanted);
  }, [linkedText]);
  const isAway = follow && ends.length > 0;
  const toEnd = useEffectEvent(() => attempt(showEnd(false)));
  useEffect(() => {
    if (isAway) toEnd();
  }, [isAway]);

  const words = useMemo(() => ({ text: view.filter ?? "", regex: view.regex === true }), [view.filter, view.regex]);
  const goesOn = run.status === "running";
  const search = useConsoleSearch(run.id, paths, words, goesOn);
  const current = linkedText === null ? -1 : search.matches.findIndex((match) => placeText(match) === linkedText);
  const mark = ({ path, step: number }: LinePlace) => onView({ line: placeText({ path, step: number }) });
  const step = (by: number) => {
    const { matches, more } = search;
    const next = current < 0 ? matches.length - 1 : current + by;
    if (next < 0 && more !== null) void more();
    const match = matches[next < 0 ? (more === null ? matches.length - 1 : 0) : next % matches.length];
    if (match !== undefined) {
      setAsked((count) => count + 1);
      mark(match);
    }
  };
  const total = logs.reduce((sum, { log }) => sum + log.total, 0);
  const error = problem ?? search.error ?? results.find((result) => result.error !== null)?.error;
  return (
    <>
      <div className={styles.bar}>
        {sources}
        <SearchInput
          className={styles.search}
          value={words.text}
          onChange={(text) => onView({ filter: text || undefined })}
          onEnter={(backwards) => step(backwards ? 1 : -1)}
          label="Search all lines"
          testId="console-search"
        />
        <Tool
          label="Regular expression"
          pressed={words.regex}
          onClick={() => onView({ regex: !words.regex || undefined })}
        >
          <span className={styles.regex}>.*</span>
        </Tool>
        {words.text !== "" && (
          <span className={styles.found} role="status" data-testid="console-found">
            {search.isSearching ? (
              <Loader size={12} color="gray" />
            ) : (
              `${current < 0 ? "–" : formatCount(current + 1)} / ${formatCount(search.matches.length)}${search.more === null ? "" : "+"}`
            )}
            <ActionIcon size={22} variant="subtle" color="gray" aria-label="Previous match" onClick={() => step(-1)}>
              <UpIcon size={13} />
            </ActionIcon>
            <ActionIcon size={22} variant="subtle" color="gray" aria-label="Next match" onClick={() => step(1)}>
              <DownIcon size={13} />
            </ActionIcon>
          </span>
        )}
        <span className={styles.tools}>
          <span className={styles.total} data-testid="console-total">
            {formatCount(total)} lines
          </span>
          {linkedText !== null && (
            <CopyButton
              text={() => window.location.href}
              label="Copy link to the marked line"
              size={26}
              icon={<LinkIcon size={14} />}
            />
          )}
          <Tool
            label="First line"
            onClick={() => {
              setFollow(false);
              attempt(showEnd(true).then(() => document.querySelector("[data-testid=console]")?.scrollTo({ top: 0 })));
            }}
          >
            <UpIcon size={14} />
          </Tool>
          <Tool label="Last line" onClick={() => setFollow(true)}>
            <DownIcon size={14} />
          </Tool>
          <Tool label="Wrap long lines" pressed={wrap} onClick={() => onView({ wrap: !wrap || undefined })}>
            <WrapIcon />
          </Tool>
          <CopyButton
            text={() => lines.map(({ text }) => stripAnsi(text)).join("\n")}
            label={`Copy the ${formatCount(lines.length)} lines that are loaded`}
            size={26}
          />
          <Tooltip label="Download all lines as text" openDelay={400}>
            <ActionIcon
              component="a"
              href={address(`${runPath(run.id)}/text`, { path: paths })}
              size={26}
              variant="subtle"
              color="gray"
              aria-label="Download all lines as text"
              data-testid="console-download"
            >
              <DownloadIcon size={14} />
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
      {children}
      {error != null && <ErrorState error={error} />}
      {paths.length === 0 ? (
        <EmptyState title={`Nothing was written to ${view.stream ?? "the output"}`} />
      ) : (
        <ConsoleView
          lines={lines}
          several={paths.length > 1}
          complete={begins.length === 0}
          ended={ends.length === 0}
          wrap={wrap}
          follow={follow}
          onFollow={setFollow}
          words={words}
          target={linkedText}
          shown={asked}
          onLine={mark}
          // The log whose loaded part begins last, or ends first, is the one that hides lines of the others.
          onStart={() => attempt(loadEarlier(farthest(begins, ({ lines: held }) => held[0]?.time ?? 0)))}
          onEnd={() => attempt(loadLater(farthest(ends, ({ lines: held }) => -(held.at(-1)?.time ?? 0))))}
        />
      )}
    </>
  );
}

interface ToolProps {
  readonly label: string;
  readonly pressed?: boolean;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}

function Tool({ label, pressed, onClick, children }: ToolProps) {
  return (
    <Tooltip label={label} openDelay={400}>
      <ActionIcon
        size={26}
        variant={pressed ? "light" : "subtle"}
        color={pressed ? "tide" : "gray"}
        aria-label={label}
        {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
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

/** The path of the log for which `rank` is greatest. */
function farthest(logs: readonly NamedLog[], rank: (log: Log) => number): string {
  let found = logs[0];
  for (const one of logs) if (found !== undefined && rank(one.log) > rank(found.log)) found = one;
  return found?.path ?? "";
}
