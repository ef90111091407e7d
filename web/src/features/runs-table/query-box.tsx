/** The filter above the table: words, or a query, with what can come next below it. */

import { ActionIcon, TextInput } from "@mantine/core";
import { type KeyboardEvent, type RefObject, useEffect, useEffectEvent, useId, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useColumns } from "#api/queries.ts";
import type { Column } from "#api/types.ts";
import { leafOf } from "#base/path.ts";
import {
  AGGREGATES,
  BEST,
  type Completion,
  completed,
  completionAt,
  JOINERS,
  OPERATORS,
  queryPath,
  queryValue,
  STATES,
  seriesBeforeBest,
} from "#base/query-completion.ts";
import { CloseIcon, SearchIcon } from "#widgets/icons.tsx";
import { kindsText, knownPaths } from "./known-paths.ts";
import styles from "./query-box.module.css";
import { useTexts } from "./use-operands.ts";

interface QueryBoxProps {
  readonly project: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What is wrong with the query; said here while the list would hide it elsewhere. */
  readonly problem: string | null;
  readonly inputRef: RefObject<HTMLInputElement | null>;
}

interface Choice {
  readonly text: string;
  readonly label: string;
  readonly hint: string;
}

const PAUSE_MS = 250;
const MOST_CHOICES = 12;
const OWN_PATHS: readonly (readonly [string, string])[] = [
  ["sys/state", "running, finished, failed…"],
  ["sys/name", "the run's name"],
  ["sys/tags", "its tags"],
  ["sys/creation_time", "when it began"],
  ["sys/running_time", "how long it took"],
];
const MOMENTS = ["-1h", "-1d", "-1w", "-1M"];
const STRETCHES = ["1m", "10m", "1h", "1d"];

export function QueryBox({ project, value, onChange, problem, inputRef }: QueryBoxProps) {
  const list = useId();
  const [typed, setTyped] = useState(value);
  const [cursor, setCursor] = useState(0);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const told = useRef(value);
  const tell = useEffectEvent((text: string) => {
    told.current = text;
    onChange(text);
  });
  useEffect(() => {
    // The owner's value changed by other means (back button, a link): the field follows.
    if (value !== told.current) {
      told.current = value;
      setTyped(value);
    }
  }, [value]);
  useEffect(() => {
    if (typed === told.current) return undefined;
    const timer = setTimeout(() => tell(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const completion = completionAt(typed, cursor);
  const { data } = useColumns(project, completion.typed, open && completion.wanted === "path");
  const { data: about } = useColumns(
    project,
    completion.path,
    open && (completion.wanted === "value" || completion.wanted === "operator") && completion.path !== "",
  );
  const kind = about?.columns.find(({ path }) => path === completion.path)?.kind;
  const values = useTexts(project, completion.path, open && completion.wanted === "value");
  const choices = open ? choicesFor(completion, data?.columns ?? [], { values, kind }).slice(0, MOST_CHOICES) : [];
  const active = choices[at];
  const take = (choice: Choice) => {
    const next = completed(typed, completion, choice.text);
    // The field gets its text first, then its cursor, and both before the next key.
    flushSync(() => {
      setTyped(next.text);
      setAt(-1);
      setCursor(next.cursor);
    });
    inputRef.current?.focus();
    inputRef.current?.setSelectionRange(next.cursor, next.cursor);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) setOpen(true);
      else if (choices.length > 0) {
        const step = event.key === "ArrowDown" ? 1 : -1;
        setAt((at + step + choices.length + (at < 0 && step < 0 ? 1 : 0)) % choices.length);
      }
    } else if ((event.key === "Enter" || event.key === "Tab") && open && active !== undefined) {
      event.preventDefault();
      take(active);
    } else if (event.key === "Enter") {
      setOpen(false);
      tell(typed);
    } else if (event.key === "Escape") {
      // What is still on its way is not to come up afterwards.
      setOpen(false);
      if (choices.length === 0 && typed !== "") {
        setTyped("");
        tell("");
      }
    }
  };
  return (
    <div className={styles.box}>
      <TextInput
        size="xs"
        role="combobox"
        aria-label="Filter runs"
        aria-expanded={choices.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        {...(active === undefined ? {} : { "aria-activedescendant": `${list}-${at}` })}
        placeholder="Words, or a query: loss < 0.5 AND lr = 0.1  ( / )"
        data-testid="runs-filter"
        ref={inputRef}
        value={typed}
        spellCheck={false}
        autoComplete="off"
        leftSection={<SearchIcon size={14} />}
        rightSection={
          typed === "" ? null : (
            <ActionIcon
              variant="subtle"
              color="gray"
              size={20}
              aria-label="Clear"
              onClick={() => {
                setTyped("");
                tell("");
              }}
            >
              <CloseIcon size={12} />
            </ActionIcon>
          )
        }
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setCursor(event.currentTarget.selectionStart ?? event.currentTarget.value.length);
          setAt(-1);
          setOpen(true);
        }}
        onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? 0)}
        onClick={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      {choices.length > 0 && (
        <div className={styles.list}>
          <div id={list} role="listbox" aria-label="What can come next" data-testid="completions">
            {choices.map((choice, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys.
              <div
                key={choice.text}
                id={`${list}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === at}
                className={styles.choice}
                // The field keeps the focus.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => take(choice)}
              >
                <span className={styles.label}>{choice.label}</span>
                <span className={styles.hint}>{choice.hint}</span>
              </div>
            ))}
          </div>
          {problem !== null && <p className={styles.problem}>{problem}</p>}
        </div>
      )}
    </div>
  );
}

interface About {
  /** Strings that runs have at the path. */
  readonly values: readonly string[];
  readonly kind: string | undefined;
}

function choicesFor(
  { wanted, typed, path, call }: Completion,
  columns: readonly Column[],
  { values, kind }: About,
): Choice[] {
  const text = typed.toLowerCase();
  const fits = (one: string) => one.toLowerCase().includes(text) && one !== typed;
  const plain = (values: readonly string[], hint = "") =>
    values.filter(fits).map((one) => ({ text: queryValue(one), label: one, hint }));
  switch (wanted) {
    case "path": {
      const series = seriesBeforeBest(typed);
      if (series !== null && call === "none") {
        return BEST.filter((best) => best.startsWith(typed.slice(series.length))).map((best) => ({
          text: queryPath(series) + best,
          label: series + best,
          hint: MEANINGS[best] ?? "",
        }));
      }
      const inCall = call === "open";
      const own = OWN_PATHS.filter(([one]) => !inCall && fits(one)).map(([one, hint]) => ({
        text: one,
        label: one,
        hint,
      }));
      const found = knownPaths(columns.filter(({ kind: one }) => !inCall || one === "float_series"))
        .filter((known) => (known.path !== typed || inCall) && !own.some(({ label }) => label === known.path))
        .map((known) => ({ text: queryPath(known.path), label: known.path, hint: kindsText(known) }));
      if (text === "") return [...own, ...found];
      // What begins with the typed text is likelier meant than what has it somewhere.
      const all = [...found, ...own];
      const begins = ({ label }: Choice) => label.toLowerCase().startsWith(text) || leafOf(label).startsWith(text);
      const called = AGGREGATES.filter((one) => !inCall && one.startsWith(text)).map((one) => ({
        text: `${one}(`,
        label: `${one}(…)`,
        hint: MEANINGS[one] ?? "of a series",
      }));
      return [...all.filter(begins), ...called, ...all.filter((choice) => !begins(choice))];
    }
    case "operator": {
      if (call === "open") return [];
      const [signs, words] = [OPERATORS.slice(0, SIGNS), OPERATORS.slice(SIGNS)];
      // Numbers hold no text.
      const ofNumbers = words.filter((word) => !/CONTAINS|MATCHES/.test(word));
      const offered = kind === "float_series" ? [...signs, ...(call === "none" ? BEST : []), ...ofNumbers] : OPERATORS;
      return offered.filter(fits).map((one) => ({ text: one, label: one, hint: MEANINGS[one] ?? "" }));
    }
    case "joiner":
      return JOINERS.filter(fits).map((one) => ({ text: one, label: one, hint: "another condition" }));
    case "value":
      if (path === "sys/state") return plain(STATES);
      if (path === "sys/creation_time") return plain(MOMENTS, "ago");
      if (path === "sys/running_time") return plain(STRETCHES);
      return plain(kind === "bool" ? ["true", "false"] : values);
  }
}

/** How many of the operators are signs, which stand first. */
const SIGNS = 6;
const MEANINGS: Readonly<Record<string, string>> = {
  first: "its first value",
  min_step: "the step of its least value",
  max_step: "the step of its greatest value",
  "@min(": "its value where another series is least",
  "@max(": "its value where another series is greatest",
  "=": "is",
  "!=": "is not, or is not there",
  CONTAINS: "a text within it; a string in a set",
  MATCHES: "a regular expression",
  EXISTS: "has anything there",
};
