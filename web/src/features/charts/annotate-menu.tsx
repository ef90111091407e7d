/** Pins texts to steps of the drawn runs, and takes them away. */

import { ActionIcon, Button, NativeSelect, NumberInput, Popover, TextInput } from "@mantine/core";
import { useState } from "react";
import { type AnnotationsOfRuns, useAnnotate } from "#api/annotations.ts";
import { formatNumber } from "#base/numbers.ts";
import { CloseIcon } from "#widgets/icons.tsx";
import styles from "./annotate-menu.module.css";
import type { DrawnRun } from "./view.ts";

interface AnnotateMenuProps {
  readonly runs: readonly DrawnRun[];
  readonly annotations: AnnotationsOfRuns;
}

const MOST_LETTERS = 1000;

export function AnnotateMenu({ runs, annotations }: AnnotateMenuProps) {
  const annotate = useAnnotate();
  const [runId, setRunId] = useState("");
  const [step, setStep] = useState<number | string>("");
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const chosen = runs.find(({ run }) => run.id === runId) ?? runs[0];
  if (chosen === undefined) return null;
  const pin = (id: string, at: number, words: string) =>
    annotate(id, { step: at, text: words }).then(
      () => setProblem(null),
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    );
  const pinned = runs.flatMap(({ run, label }) =>
    (annotations.get(run.id) ?? []).map((each) => ({ ...each, runId: run.id, label })),
  );
  return (
    <Popover position="bottom-end" withinPortal transitionProps={{ duration: 0 }} trapFocus>
      <Popover.Target>
        <Button size="xs" variant="default" data-testid="annotate">
          Annotate
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (step === "" || text.trim() === "") return;
            void pin(chosen.run.id, Number(step), text.trim()).then(() => setText(""));
          }}
        >
          {runs.length > 1 && (
            <NativeSelect
              size="xs"
              label="Run"
              value={chosen.run.id}
              data={runs.map(({ run, label }) => ({ value: run.id, label }))}
              onChange={(event) => setRunId(event.currentTarget.value)}
            />
          )}
          <NumberInput size="xs" label="Step" hideControls value={step} onChange={setStep} />
          <TextInput
            size="xs"
            label="Text"
            maxLength={MOST_LETTERS}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button size="xs" type="submit" disabled={step === "" || text.trim() === ""}>
            Pin to the step
          </Button>
          {problem !== null && (
            <p className={styles.problem} role="alert">
              {problem}
            </p>
          )}
        </form>
        {pinned.length > 0 && (
          <ul className={styles.list} aria-label="Annotations">
            {pinned.map((each) => (
              <li key={`${each.runId} ${each.step}`} data-testid="annotation">
                <span className={styles.step}>{formatNumber(each.step)}</span>
                <span className={styles.text}>
                  {each.text}
                  {runs.length > 1 && <span className={styles.run}> {each.label}</span>}
                </span>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size={22}
                  aria-label={`Take “${each.text}” away`}
                  onClick={() => void pin(each.runId, each.step, "")}
                >
                  <CloseIcon size={11} />
                </ActionIcon>
              </li>
            ))}
          </ul>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
