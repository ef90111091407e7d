/** Charts of expressions over series, above the charts of the series themselves; each can be changed and taken away. */

import { ActionIcon, Button, TextInput, Tooltip } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useEffectEvent, useId, useMemo, useRef, useState } from "react";
import { type SeriesQuestion, useFoundPaths, useKnownPaths } from "#api/series-paths.ts";
import { type ExpressionProblem, expressionPath, namesIn, parseExpressions } from "#base/expression.ts";
import { CloseIcon } from "#widgets/icons.tsx";
import { PathSelect } from "#widgets/path-select.tsx";
import { ExpressionChart } from "./expression-chart.tsx";
import styles from "./expression-panels.module.css";
import type { ChartStyle, ChartsView, Drawn } from "./view.ts";
import type { Zoom } from "./zoom.ts";

const NONE: ReadonlySet<string> = new Set();

interface ExpressionPanelsProps {
  readonly drawn: Drawn;
  readonly series: SeriesQuestion;
  readonly view: ChartsView;
  readonly onView: (patch: ChartsView) => void;
  readonly look: ChartStyle;
  readonly zoomOf: (path: string) => Zoom | null;
  readonly onZoom: (path: string, zoom: Zoom | null) => void;
  readonly syncKey: string;
  /** Whether the field for a new one is open. */
  readonly isAdding: boolean;
  readonly onAdded: () => void;
}

export function ExpressionPanels(props: ExpressionPanelsProps) {
  const { drawn, series, view, onView, look, zoomOf, onZoom, syncKey, isAdding, onAdded } = props;
  const [changing, setChanging] = useState<number | null>(null);
  const texts = useMemo(() => [...new Set(view.expr)], [view.expr]);
  const known = useKnown(series, texts.join(";"));
  // A zoom of what is no longer drawn says nothing.
  const tell = (next: readonly string[], gone?: string) => {
    const zoom = view.zoom?.filter((address) => gone === undefined || !address.endsWith(`:${gone}`));
    onView({ expr: next.length === 0 ? undefined : next, zoom: zoom?.length ? zoom : undefined });
  };
  if (texts.length === 0 && !isAdding) return null;
  return (
    <section className={styles.section} aria-label="Expressions">
      {texts.map((text, at) => {
        const parsed = parseExpressions(text, known);
        const take = () => tell(texts.toSpliced(at, 1), text);
        if (changing !== at && known === null) return null;
        if (changing === at || parsed.expressions === null) {
          return (
            <ExpressionField
              key={text}
              text={text}
              series={series}
              onDone={(next) => {
                setChanging(null);
                if (next !== null && next !== text) tell(texts.with(at, next), text);
              }}
              onRemove={take}
            />
          );
        }
        return (
          <ExpressionChart
            key={text}
            text={text}
            expressions={parsed.expressions}
            drawn={drawn}
            look={look}
            syncKey={syncKey}
            zoom={zoomOf(text)}
            onZoom={(zoom) => onZoom(text, zoom)}
            tools={
              <>
                <button type="button" className={styles.change} onClick={() => setChanging(at)}>
                  Change
                </button>
                <Tooltip label="Take away" openDelay={400}>
                  <ActionIcon variant="subtle" color="gray" size={22} aria-label={`Take ${text} away`} onClick={take}>
                    <CloseIcon size={12} />
                  </ActionIcon>
                </Tooltip>
              </>
            }
          />
        );
      })}
      {isAdding && (
        <ExpressionField
          text=""
          series={series}
          onDone={(next) => {
            onAdded();
            if (next !== null) tell([...texts, next]);
          }}
          onRemove={onAdded}
        />
      )}
    </section>
  );
}

interface ExpressionFieldProps {
  readonly text: string;
  readonly series: SeriesQuestion;
  /** Null: nothing has changed. */
  readonly onDone: (text: string | null) => void;
  readonly onRemove: () => void;
}

/** A list of thousands of paths is not looked through but searched. */
const MOST_OPTIONS = 50;
const PAUSE_MS = 150;

/** Which of the names in `text` are series, and what is like the others; null until the server has answered. */
function useKnown(series: SeriesQuestion, text: string): ReadonlySet<string> | null {
  const names = useMemo(() => namesIn(text), [text]);
  const { data } = useKnownPaths(series, names);
  return names.length === 0 ? NONE : (data ?? null);
}

function ExpressionField({ text, series, onDone, onRemove }: ExpressionFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  const explained = useId();
  const [typed, setTyped] = useState(text);
  const [search, setSearch] = useState("");
  /** What shall be drawn as soon as the server knows its series. */
  const [drawn, setDrawn] = useState<string | null>(null);
  const [paused] = useDebouncedValue(typed, PAUSE_MS);
  const known = useKnown(series, paused);
  // What was typed since may name what nobody has been asked about.
  const { problem } = useMemo(() => parseExpressions(typed, paused === typed ? known : null), [typed, paused, known]);
  const isAsking = paused !== typed || known === null;
  const { data: options = [] } = useFoundPaths(series, search, MOST_OPTIONS);
  const isWanted = drawn === typed && !isAsking && problem === null;
  const finish = useEffectEvent(() => onDone(typed.trim()));
  useEffect(() => {
    if (isWanted) finish();
  }, [isWanted]);
  const insert = (path: string) => {
    const at = field.current?.selectionStart ?? typed.length;
    setTyped(`${typed.slice(0, at)}${expressionPath(path)}${typed.slice(at)}`);
    field.current?.focus();
  };
  return (
    <form
      className={styles.field}
      onSubmit={(event) => {
        event.preventDefault();
        if (problem === null) setDrawn(typed);
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
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && (text === "" ? onRemove() : onDone(null))}
      />
      <PathSelect
        label="Put a series in"
        placeholder="Put a series in"
        className={styles.insert}
        testId="expression-series"
        value={null}
        options={options}
        onSearch={setSearch}
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
