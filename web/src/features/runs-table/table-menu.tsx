/** What is done with the view as a whole: save it, open a saved one, copy its link, export it, look into the trash. */

import { Button, Menu, Modal } from "@mantine/core";
import { useRef, useState } from "react";
import type { RunsQuery } from "#api/run-pages.ts";
import { formatCount } from "#base/numbers.ts";
import { copyText } from "#widgets/copy-text.ts";
import type { ColumnSpec } from "./column-spec.ts";
import { type Progress, saveBlob } from "./export-rows.ts";
import { NameView } from "./name-view.tsx";
import { type ListedView, useSavedViews } from "./saved-views.ts";
import { ViewItems } from "./view-items.tsx";

/** What writes a file, by the end of its name; loaded when somebody asks for one. */
const FORMATS = {
  csv: async () => (await import("./csv.ts")).exportCsv,
  parquet: async () => (await import("./parquet.ts")).exportParquet,
};

interface TableMenuProps {
  readonly project: string;
  readonly query: RunsQuery;
  readonly columns: readonly ColumnSpec[];
  readonly trashed: boolean;
  readonly onAddress: (address: string) => void;
  readonly onTrash: (trashed: boolean) => void;
}

export function TableMenu({ project, query, columns, trashed, onAddress, onTrash }: TableMenuProps) {
  const { views, save, remove } = useSavedViews(project);
  const [naming, setNaming] = useState(false);
  const [copied, setCopied] = useState(false);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const running = useRef<AbortController | null>(null);
  const download = async (format: keyof typeof FORMATS) => {
    const abort = new AbortController();
    running.current = abort;
    setProblem(null);
    setProgress({ written: 0, total: 0 });
    try {
      const write = await FORMATS[format]();
      const blob = await write({ project, query, columns, onProgress: setProgress, signal: abort.signal });
      saveBlob(blob, `${project.replaceAll("/", "-")}.${format}`);
    } catch (error) {
      if (!abort.signal.aborted) setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setProgress(null);
    }
  };
  const forget = async (view: ListedView) => {
    try {
      await remove(view);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      {progress !== null && (
        <span role="status" data-testid="export-progress">
          {formatCount(progress.written)} of {formatCount(progress.total)} runs{" "}
          <Button size="compact-xs" variant="subtle" onClick={() => running.current?.abort()}>
            Cancel
          </Button>
        </span>
      )}
      <Menu
        position="bottom-end"
        width={250}
        withInitialFocusPlaceholder={false}
        shadow="md"
        transitionProps={{ duration: 0 }}
        onClose={() => setCopied(false)}
      >
        <Menu.Target>
          <Button size="xs" variant="default" data-testid="table-menu">
            View
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <ViewItems views={views} onOpen={onAddress} onForget={(view) => void forget(view)} />
          <Menu.Item onClick={() => setNaming(true)}>Save this view…</Menu.Item>
          <Menu.Item
            closeMenuOnClick={false}
            onClick={() => void copyText(window.location.href).then(() => setCopied(true))}
          >
            {copied ? "Link copied" : "Copy link"}
          </Menu.Item>
          <Menu.Item disabled={progress !== null} onClick={() => void download("csv")}>
            Export as CSV
          </Menu.Item>
          <Menu.Item disabled={progress !== null} onClick={() => void download("parquet")}>
            Export as Parquet
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => onTrash(!trashed)}>{trashed ? "Back to the runs" : "Show the trash"}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {naming && (
        <NameView
          onClose={() => setNaming(false)}
          onSave={(name, shared) => save({ name, shared, address: savedPart(window.location.search) })}
        />
      )}
      <Modal
        opened={problem !== null}
        onClose={() => setProblem(null)}
        title="This did not work"
        centered
        transitionProps={{ duration: 0 }}
      >
        {problem}
      </Modal>
    </>
  );
}

/** The address of a view without the runs that happen to be selected. */
function savedPart(search: string): string {
  const parameters = new URLSearchParams(search);
  parameters.delete("runs");
  parameters.delete("hidden");
  parameters.delete("all");
  return parameters.toString();
}
