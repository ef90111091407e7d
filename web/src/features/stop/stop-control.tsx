/**
 * Ends a run from its page: asks how, asks whether, and says how far the request has come until the run has ended.
 * After that it says who asked for it, and when.
 */

import { Button, Group, Menu, Modal, TextInput, Tooltip } from "@mantine/core";
import { useState } from "react";
import { keepOwnName, ownName, requestStop } from "#api/stop.ts";
import type { Run, StopHow, StopRequest } from "#api/types.ts";
import { formatDuration } from "#base/time.ts";
import { ChevronIcon } from "#widgets/icons.tsx";
import { useNow } from "#widgets/now.ts";
import { RelativeTime } from "#widgets/relative-time.tsx";
import styles from "./stop-control.module.css";

interface Way {
  readonly how: StopHow;
  readonly label: string;
  readonly hint: string;
  readonly question: string;
  readonly meaning: string;
}

/** Seconds between an interrupt and the kill. */
const GRACE_S = 30;

const WAYS: readonly Way[] = [
  {
    how: "graceful",
    label: "Stop gracefully",
    hint: "The script ends when it likes",
    question: "Ask the script to stop?",
    meaning:
      "run.should_stop becomes True and on_stop is called. The script ends itself, after a checkpoint for example. A script that looks at neither goes on.",
  },
  {
    how: "abort",
    label: "Abort",
    hint: "Interrupt it, as Ctrl-C does",
    question: "Interrupt the script?",
    meaning: `It is interrupted as by Ctrl-C. What is still there after ${GRACE_S} seconds is killed, with all that it has started.`,
  },
  {
    how: "kill",
    label: "Kill",
    hint: "End its processes at once",
    question: "Kill the script?",
    meaning:
      "Its processes end at once and cannot save anything. What was logged until then is kept and will be stored.",
  },
];

const RENEW_MS = 1000;

interface StopControlProps {
  readonly run: Run;
  /** Why nobody can stop the run from here; null if one can. */
  readonly refusal: string | null;
}

export function StopControl({ run, refusal }: StopControlProps) {
  const [asking, setAsking] = useState<Way | null>(null);
  // What the server said to our own request, until the run itself is heard to have it.
  const [asked, setAsked] = useState<StopRequest | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [name, setName] = useState(ownName);
  const shown = run.stop ?? null;
  if (run.status !== "running" && run.status !== "stalled") return shown && <Stopped request={shown} />;
  if (refusal !== null) return <NoStop why={refusal} />;
  const request = asked !== null && asked.number > (shown?.number ?? 0) ? asked : shown;
  const confirm = async (way: Way) => {
    setBusy(true);
    setProblem(null);
    try {
      setAsked(await requestStop(run.id, way.how, GRACE_S, name.trim()));
      keepOwnName(name.trim());
      setAsking(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  const open = (way: Way) => {
    setProblem(null);
    setAsking(way);
  };
  return (
    <>
      {request !== null && <Stopping request={request} />}
      <Menu position="bottom-start" width={240}>
        <Menu.Target>
          <Button
            size="compact-xs"
            variant="default"
            rightSection={
              <span className={styles.chevron}>
                <ChevronIcon size={10} />
              </span>
            }
            data-testid="stop-menu"
          >
            Stop
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {WAYS.map((way) => (
            <Menu.Item key={way.how} onClick={() => open(way)} data-testid={`stop-${way.how}`}>
              {way.label}
              <span className={styles.hint}>{way.hint}</span>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={asking !== null}
        onClose={() => setAsking(null)}
        title={asking?.question ?? ""}
        transitionProps={{ duration: 0 }}
        centered
      >
        {asking !== null && (
          <>
            <p className={styles.text}>{asking.meaning}</p>
            <TextInput
              size="xs"
              className={styles.name}
              label="Your name"
              description="Shown on the page of the run, with the moment. It may be empty."
              autoComplete="name"
              maxLength={200}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            {problem !== null && (
              <p className={styles.problem} role="alert">
                {problem}
              </p>
            )}
            <Group justify="flex-end" gap={8}>
              <Button variant="default" size="xs" onClick={() => setAsking(null)}>
                Let it run
              </Button>
              <Button
                size="xs"
                {...(asking.how === "graceful" ? {} : { color: "red" })}
                loading={busy}
                onClick={() => void confirm(asking)}
                data-autofocus
                data-testid="stop-confirm"
              >
                {asking.label}
              </Button>
            </Group>
          </>
        )}
      </Modal>
    </>
  );
}

/** The button stays where one looks for it, and says why it does nothing. */
function NoStop({ why }: { readonly why: string }) {
  return (
    <Tooltip label={why} multiline w={280} events={{ hover: true, focus: true, touch: true }}>
      <Button
        size="compact-xs"
        variant="default"
        // A disabled button can't be reached by keys, and so not the reason.
        data-disabled
        aria-disabled="true"
        aria-label={`Stop: ${why}`}
        onClick={(event) => event.preventDefault()}
        data-testid="no-stop"
      >
        Stop
      </Button>
    </Tooltip>
  );
}

const WORDS: Readonly<Record<StopHow, string>> = { graceful: "Stopping…", abort: "Aborting…", kill: "Killing…" };

function Stopping({ request }: { readonly request: StopRequest }) {
  const now = useNow(RENEW_MS);
  const seconds = Math.max(RENEW_MS, now - request.requested_at);
  const delivered = request.delivered_at ?? null;
  const title =
    delivered === null
      ? "Not delivered yet: the machine that trains has not asked the server since."
      : "Delivered: a process of the run has it.";
  return (
    <span className={styles.stopping} data-testid="stopping" data-delivered={delivered !== null} title={title}>
      <span role="status">{WORDS[request.how]}</span> asked {formatDuration(seconds)} ago
      {request.requested_by !== "" && ` by ${request.requested_by}`}
    </span>
  );
}

const ENDS: Readonly<Record<StopHow, string>> = { graceful: "Stop", abort: "Abort", kill: "Kill" };

/** The run has ended since, by that request or by itself. */
function Stopped({ request }: { readonly request: StopRequest }) {
  return (
    <span data-testid="stop-asked">
      {ENDS[request.how]} asked <RelativeTime time={request.requested_at} />
      {request.requested_by !== "" && ` by ${request.requested_by}`}
    </span>
  );
}
