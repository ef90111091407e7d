/** Charts of expressions over series, above the charts of the series themselves; each can be changed and taken away. */

import { ActionIcon, Tooltip } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { type SeriesQuestion, useFoundPaths, useKnownPaths } from "#api/series-paths.ts";
import { namesIn, parseExpressions } from "#base/expression.ts";
import { ExpressionField } from "#widgets/expression-field.tsx";
import { CloseIcon } from "#widgets/icons.tsx";
import { ExpressionChart } from "./expression-chart.tsx";
import styles from "./expression-panels.module.css";
import { Maximised } from "./maximised.tsx";
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
  const { known, isSettled } = useKnown(series, texts.join(";"));
  // A zoom of what is no longer drawn says nothing.
  const tell = (next: readonly string[], gone?: string) => {
    const zoom = view.zoom?.filter((address) => gone === undefined || !address.endsWith(`:${gone}`));
    onView({ expr: next.length === 0 ? undefined : next, zoom: zoom?.length ? zoom : undefined });
  };
  const single = singleOf(view.path, texts, known);
  if (texts.length === 0 && !isAdding) return null;
  return (
    <section className={styles.section} aria-label="Expressions">
      {texts.map((text, at) => {
        const parsed = parseExpressions(text, known);
        const take = () => tell(texts.toSpliced(at, 1), text);
        if (changing !== at && parsed.expressions === null && !isSettled) return null;
        if (changing === at || parsed.expressions === null) {
          return (
            <SeriesExpression
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
            onMaximise={() => onView({ path: text })}
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
      <Maximised opened={single !== null} onClose={() => onView({ path: undefined })}>
        {(height) =>
          single !== null && (
            <ExpressionChart
              {...single}
              drawn={drawn}
              look={look}
              syncKey={`${syncKey} alone`}
              zoom={zoomOf(single.text)}
              onZoom={(zoom) => onZoom(single.text, zoom)}
              height={height}
              isMaximised={true}
            />
          )
        }
      </Maximised>
      {isAdding && (
        <SeriesExpression
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

/** The expression that fills the page; null if none does, or cannot be read. */
function singleOf(path: string | undefined, texts: readonly string[], known: ReadonlySet<string> | null) {
  if (path === undefined || !texts.includes(path)) return null;
  const { expressions } = parseExpressions(path, known);
  return expressions === null ? null : { text: path, expressions };
}

/** A list of thousands of paths is not looked through but searched. */
const MOST_OPTIONS = 50;
const PAUSE_MS = 150;

interface SeriesExpressionProps {
  /** Empty for a new one. */
  readonly text: string;
  readonly series: SeriesQuestion;
  /** Null: nothing has changed. */
  readonly onDone: (text: string | null) => void;
  readonly onRemove: () => void;
}

/** The field of an expression whose names must be series of the runs. */
function SeriesExpression({ series, ...field }: SeriesExpressionProps) {
  const [typed, setTyped] = useState(field.text);
  const [search, setSearch] = useState("");
  const [paused] = useDebouncedValue(typed, PAUSE_MS);
  const { known, isSettled, isRefused } = useKnown(series, paused);
  const { data: options = [] } = useFoundPaths(series, search, MOST_OPTIONS);
  return (
    <div className={styles.whole}>
      <ExpressionField
        {...field}
        onType={setTyped}
        // When the server does not say which series there are, the chart will.
        {...(isRefused ? {} : { found: { text: paused, known: isSettled ? known : null } })}
        options={options}
        onSearch={setSearch}
      />
    </div>
  );
}

/** Which of the names in `text` are series, and what is like the others; of another text until the server has answered. */
function useKnown(series: SeriesQuestion, text: string) {
  const names = useMemo(() => namesIn(text), [text]);
  const { data, isPlaceholderData, error } = useKnownPaths(series, names);
  if (names.length === 0) return { known: NONE, isSettled: true, isRefused: false };
  return { known: data ?? null, isSettled: data !== undefined && !isPlaceholderData, isRefused: error !== null };
}
