/** The two ends of a brush as fields, so that the keyboard can do what a pointer does on the axis. */

import { NativeSelect, NumberInput } from "@mantine/core";
import { useState } from "react";
import type { Axis, Brush } from "./axes.ts";
import styles from "./parallel.module.css";

interface BrushFieldsProps {
  readonly axis: Axis;
  readonly brush: Brush | null;
  readonly onBrush: (brush: Brush | null) => void;
}

export function BrushFields({ axis, brush, onBrush }: BrushFieldsProps) {
  const { path, words } = axis;
  if (axis.kind !== "words") {
    return (
      <>
        <NumberEnd
          key={`low ${brush?.low}`}
          name="From"
          path={path}
          value={brush?.low}
          onEnd={(low) => onBrush(between(low, brush?.high))}
        />
        <NumberEnd
          key={`high ${brush?.high}`}
          name="To"
          path={path}
          value={brush?.high}
          onEnd={(high) => onBrush(between(brush?.low, high))}
        />
      </>
    );
  }
  const options = [
    { value: "", label: "all" },
    ...words.map((word, place) => ({ value: String(place), label: word === "" ? "“”" : word })),
  ];
  const shown = brush === null || Math.ceil(brush.low) !== Math.floor(brush.high) ? "" : String(Math.ceil(brush.low));
  return (
    <NativeSelect
      size="xs"
      aria-label={`Only ${path}`}
      value={shown}
      data={options}
      onChange={(event) => {
        const place = event.currentTarget.value;
        onBrush(place === "" ? null : { path, low: Number(place), high: Number(place) });
      }}
    />
  );

  function between(low: number | undefined, high: number | undefined): Brush | null {
    if (low === undefined && high === undefined) return null;
    const ends = [low ?? axis.low, high ?? axis.high] as const;
    return { path, low: Math.min(...ends), high: Math.max(...ends) };
  }
}

interface NumberEndProps {
  readonly name: string;
  readonly path: string;
  readonly value: number | undefined;
  readonly onEnd: (value: number | undefined) => void;
}

/** Tells its value when it is left or Enter is pressed: half of a number is none. */
function NumberEnd({ name, path, value, onEnd }: NumberEndProps) {
  const [typed, setTyped] = useState<number | string>(value ?? "");
  const tell = () => {
    const next = typed === "" ? undefined : Number(typed);
    if (next !== value && (next === undefined || Number.isFinite(next))) onEnd(next);
  };
  return (
    <NumberInput
      size="xs"
      className={styles.end ?? ""}
      aria-label={`${name} ${path}`}
      placeholder={name}
      value={typed}
      hideControls
      onChange={setTyped}
      onBlur={tell}
      onKeyDown={(event) => event.key === "Enter" && tell()}
    />
  );
}
