/** What every key does, page by page. */

import { Kbd, Modal } from "@mantine/core";
import styles from "./shortcuts.module.css";

type Shortcut = readonly [keys: readonly string[], does: string];

const AREAS: readonly { readonly name: string; readonly shortcuts: readonly Shortcut[] }[] = [
  {
    name: "Everywhere",
    shortcuts: [
      [["Ctrl", "K"], "Go to a project, a run or a page, or give a command"],
      [["?"], "These shortcuts"],
      [["Escape"], "Close what is open"],
    ],
  },
  {
    name: "Runs table",
    shortcuts: [
      [["/"], "Go to the filter"],
      [["↑", "↓"], "Move from run to run"],
      [["Space"], "Select the run, or take it out"],
      [["H"], "Show the selected run in charts, or hide it"],
      [["Shift", "↓"], "Select all in between"],
      [["Ctrl", "A"], "Select all that are loaded"],
      [["Enter"], "Open the run"],
      [["F2"], "Edit the name, tags, notes or value"],
      [["Alt", "←"], "Move the column whose head has the focus; with Shift, its width"],
    ],
  },
  {
    name: "Groups of runs",
    shortcuts: [
      [["→", "←"], "Look inside a group, or close it"],
      [["Enter"], "Open the group or the run"],
      [["F"], "Filter by the group"],
    ],
  },
  {
    name: "Charts",
    shortcuts: [
      [["←", "→"], "Move the cursor"],
      [["+"], "Zoom in"],
      [["−"], "Show all"],
    ],
  },
];

export function Shortcuts({ onClose }: { readonly onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      size={560}
      title="Keyboard shortcuts"
      centered
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <div data-testid="shortcuts">
        {AREAS.map(({ name, shortcuts }) => (
          <section key={name} className={styles.area}>
            <h3 className={styles.name}>{name}</h3>
            <dl className={styles.list}>
              {shortcuts.map(([keys, does]) => (
                <div key={does} className={styles.line}>
                  <dt className={styles.keys}>
                    {keys.map((key) => (
                      <Kbd key={key} size="xs">
                        {key}
                      </Kbd>
                    ))}
                  </dt>
                  <dd className={styles.does}>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <p className={styles.note}>On a Mac, Ctrl is ⌘.</p>
      </div>
    </Modal>
  );
}
