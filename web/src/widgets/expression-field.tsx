/** A field that expressions over series are written in: series are put in from a list, and what is wrong is shown. */

import { Button, TextInput } from "@mantine/core";
import { useEffect, useEffectEvent, useId, useMemo, useRef, useState } from "react";
import { type ExpressionProblem, expressionPath, parseExpressions } from "#base/expression.ts";
import styles from "./expression-field.module.css";
import { PathSelect } from "./path-select.tsx";

interface ExpressionFieldProps {
  /** What is changed; empty for a new one. */
  readonly text: string;
  /** Tells what is typed, so that its names can be looked for. */
  readonly onType?: (text: string) => void;
  /** What was found of the names that are in `text`; null while that is not known. Without it all names are taken. */
  readonly found?: { readonly text: string; readonly known: ReadonlySet<string> | null };
  /** Series that fit what was searched for. */
  readonly options: readonly string[];
  readonly onSearch: (text: string) => void;
  /** Null: nothing has changed. */
  readonly onDone: (text: string | null) => void;
  readonly onRemove: () => void;
}

export function ExpressionField(props: ExpressionFieldProps) {
  const { text, onType, found, options, onSearch, onDone, onRemove } = props;
  const field = useRef<HTMLInputElement>(null);
  const explained = useId();
  const [typed, setTyped] = useState(text);
  /** What shall be drawn as soon as its names are known. */
  const [wanted, setWanted] = useState<string | null>(null);
  const known = found?.text === typed ? found.known : null;
  const { problem } = useMemo(() => parseExpressions(typed, known), [typed, known]);
  const isDone = wanted === typed && problem === null && (found === undefined || known !== null);
  const finish = useEffectEvent(() => onDone(typed.trim()));
  useEffect(() => {
    if (isDone) finish();
  }, [isDone]);
  const type = (next: string) => {
    setTyped(next);
    onType?.(next);
  };
  const insert = (path: string) => {
    const at = field.current?.selectionStart ?? typed.length;
    type(`${typed.slice(0, at)}${expressionPath(path)}${typed.slice(at)}`);
    field.current?.focus();
  };
  return (
    <form
      className={styles.field}
      onSubmit={(event) => {
        event.preventDefault();
        if (problem === null) setWanted(typed);
      }}
    >
      <TextInput
        ref={field}
        size="xs"
        className={styles.text ?? ""}
        aria-label="Expression"
        aria-describedby={explained}
        aria-invalid={problem !== null}
        placeholder="`train/loss` / `validation/loss`; log(loss); ema(reward, 10)"
        data-testid="expression"
        value={typed}
        spellCheck={false}
        autoComplete="off"
        autoFocus
        onChange={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && (text === "" ? onRemove() : onDone(null))}
      />
      <PathSelect
        label="Put a series in"
        placeholder="Put a series in"
        className={styles.insert}
        testId="expression-series"
        value={null}
        options={options}
        onSearch={onSearch}
        onChange={(path) => path !== null && insert(path)}
      />
      <Button size="xs" type="submit" disabled={problem !== null}>
        Draw
      </Button>
      <Button size="xs" variant="default" onClick={onRemove}>
        {text === "" ? "Cancel" : "Take away"}
      </Button>
      <div id={explained} className={styles.words} aria-live="polite">
        {problem === null || typed.trim() === "" ? (
          "Names of series, + − * / ^, brackets; abs sqrt exp log log2 log10 min max, ema(a, points), average(a, points), slope(a). “;” draws several."
        ) : (
          <Problem text={typed} problem={problem} />
        )}
      </div>
    </form>
  );
}

function Problem({ text, problem }: { readonly text: string; readonly problem: ExpressionProblem }) {
  const { at, message } = problem;
  return (
    <span data-testid="expression-problem">
      <code className={styles.code}>
        {text.slice(0, at)}
        <mark>{text.slice(at, at + 1) || " "}</mark>
        {text.slice(at + 1)}
      </code>{" "}
      {message}
    </span>
  );
}
