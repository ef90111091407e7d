/** The command palette: type a few letters, go to a project, a run or a page, or give a command. All by keyboard. */

import { Modal, useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type KeyboardEvent, useCallback, useEffect, useId, useRef, useState } from "react";
import { useProjects } from "#api/queries.ts";
import { useFoundRuns } from "#api/recent-runs.ts";
import { SearchIcon } from "#widgets/icons.tsx";
import { StatusBadge } from "#widgets/status-badge.tsx";
import styles from "./palette.module.css";
import { commandsOf, type Entry, matching, type Places, projectEntries, runEntries } from "./palette-entries.ts";

interface PaletteProps {
  readonly onClose: () => void;
  readonly onShortcuts: () => void;
}

const TYPING_PAUSE_MS = 150;
const PROJECTS_SHOWN = 6;

export function Palette({ onClose, onShortcuts }: PaletteProps) {
  const list = useId();
  const box = useRef<HTMLDivElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [asked] = useDebouncedValue(text.trim(), TYPING_PAUSE_MS);
  const { setColorScheme } = useMantineColorScheme();
  const { workspace, project } = useParams({ strict: false });
  const navigate = useNavigate();
  const projects = useProjects();
  const runs = useFoundRuns(asked, true);
  const places: Places = {
    go: (to) => void navigate(to),
    theme: setColorScheme,
    shortcuts: onShortcuts,
  };
  const here = workspace === undefined || project === undefined ? null : `${workspace}/${project}`;
  // Until the server has answered to the newest letters, of its last answer only what has them is offered.
  const found = runEntries(places, runs.data ?? []);
  const groups = [
    { name: "Pages and commands", entries: matching(commandsOf(places, here), text) },
    {
      name: "Projects",
      entries: matching(projectEntries(places, projects.data?.projects ?? []), text).slice(0, PROJECTS_SHOWN),
    },
    { name: asked === "" ? "Newest runs" : "Runs", entries: asked === text.trim() ? found : matching(found, text) },
  ].filter(({ entries }) => entries.length > 0);
  const entries = groups.flatMap((group) => group.entries);
  const chosen = Math.min(at, entries.length - 1);
  const take = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    onClose();
    entry.run();
  };
  // At once, and not when the dialog gets round to it: the first letters come right after the keys that open it.
  const focus = useCallback((input: HTMLInputElement | null) => input?.focus(), []);
  useEffect(() => {
    box.current?.querySelector(`[data-place="${chosen}"]`)?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(entries.length === 0 ? 0 : (chosen + 1) % entries.length);
    else if (event.key === "ArrowUp") setAt(entries.length === 0 ? 0 : (chosen - 1 + entries.length) % entries.length);
    else if (event.key === "Enter") take(entries[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal.Root opened onClose={onClose} padding={0} size={600} yOffset="12vh" transitionProps={{ duration: 0 }}>
      <Modal.Overlay />
      <Modal.Content aria-label="Command palette">
        <div className={styles.field}>
          <SearchIcon />
          <input
            className={styles.input}
            role="combobox"
            aria-expanded
            aria-controls={list}
            aria-autocomplete="list"
            aria-label="Go to a project, a run or a page, or give a command"
            {...(entries.length === 0 ? {} : { "aria-activedescendant": `${list}-${chosen}` })}
            placeholder="Projects, runs, pages, commands"
            autoComplete="off"
            spellCheck={false}
            ref={focus}
            data-autofocus
            data-testid="palette-input"
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={onKeyDown}
          />
        </div>
        <div ref={box} id={list} role="listbox" aria-label="What was found" className={styles.list} tabIndex={-1}>
          {groups.map((group) => (
            <div key={group.name} role="group" aria-label={group.name}>
              <div className={styles.group} aria-hidden="true">
                {group.name}
              </div>
              {group.entries.map((entry) => {
                const place = entries.indexOf(entry);
                return (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the field's, which has the focus.
                  <div
                    key={entry.id}
                    id={`${list}-${place}`}
                    role="option"
                    aria-selected={place === chosen}
                    tabIndex={-1}
                    className={styles.entry}
                    data-testid="palette-entry"
                    data-place={place}
                    onMouseMove={() => setAt(place)}
                    onClick={() => take(entry)}
                  >
                    <span className={styles.title}>{entry.title}</span>
                    {entry.detail !== "" && <span className={styles.detail}>{entry.detail}</span>}
                    {entry.status !== null && <StatusBadge status={entry.status} />}
                  </div>
                );
              })}
            </div>
          ))}
          {entries.length === 0 && <p className={styles.nothing}>Nothing has these words.</p>}
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}
