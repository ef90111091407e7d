/** One slider over the steps of all that is shown. The arrow keys move it, too. */

import { ActionIcon, Slider } from "@mantine/core";
import { useEffect, useEffectEvent } from "react";
import { formatNumber } from "#base/numbers.ts";
import { NextIcon, PreviousIcon } from "#widgets/icons.tsx";
import styles from "./media-tab.module.css";

interface StepBarProps {
  /** In rising order. */
  readonly steps: readonly number[];
  /** Undefined is the newest. */
  readonly step: number | undefined;
  readonly onStep: (step: number | undefined) => void;
}

export function StepBar({ steps, step, onStep }: StepBarProps) {
  const last = steps.length - 1;
  const at =
    step === undefined
      ? last
      : Math.max(
          0,
          steps.findLastIndex((one) => one <= step),
        );
  const go = (index: number) => onStep(index >= last ? undefined : steps[Math.max(0, index)]);
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
    if (event.key === "ArrowLeft") go(at - 1);
    else if (event.key === "ArrowRight") go(at + 1);
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  if (steps.length < 2) return null;
  return (
    <div className={styles.steps} data-testid="media-steps">
      <ActionIcon size={24} variant="subtle" color="gray" aria-label="Previous step" onClick={() => go(at - 1)}>
        <PreviousIcon size={14} />
      </ActionIcon>
      <Slider
        className={styles.slider}
        size="sm"
        min={0}
        max={last}
        value={at}
        label={null}
        thumbLabel="Step"
        onChange={go}
      />
      <ActionIcon size={24} variant="subtle" color="gray" aria-label="Next step" onClick={() => go(at + 1)}>
        <NextIcon size={14} />
      </ActionIcon>
      <span className={styles.at} role="status">
        step {formatNumber(steps[at] ?? 0)}
        {step === undefined ? " (newest)" : ""}
      </span>
    </div>
  );
}

/** Where arrow keys have a meaning of their own. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input, textarea, select, audio, video, [contenteditable], [role=slider], [role=tab]") !== null
  );
}
