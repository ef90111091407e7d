/** Pictures, sound, film, pages and tables that a run logged: a tile for each path, one slider over all their steps. */

import { useCallback, useMemo, useState } from "react";
import type { AttributeInfo, Run } from "#api/types.ts";
import type { Change } from "#base/change.ts";
import { formatCount } from "#base/numbers.ts";
import { groupByNamespace, matchesSearch, withinGroup } from "#base/path.ts";
import { previewKind } from "#base/preview-kind.ts";
import { EmptyState } from "#widgets/empty-state.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { Section } from "#widgets/section.tsx";
import { type FoldedView, folding } from "#widgets/toggled.ts";
import { FullScreen } from "./full-screen.tsx";
import { MEDIA_KINDS } from "./media-body.tsx";
import styles from "./media-tab.module.css";
import { MediaTile } from "./media-tile.tsx";
import { StepBar } from "./step-bar.tsx";

export interface MediaView extends FoldedView {
  readonly filter?: string | undefined;
  readonly path?: string | undefined;
  readonly step?: number | undefined;
}

interface MediaTabProps {
  readonly run: Run;
  /** Its files and series of files. */
  readonly attributes: readonly AttributeInfo[];
  /** Whether there are more than these. */
  readonly isCut: boolean;
  readonly view: MediaView;
  readonly onView: (change: Change<MediaView>) => void;
}

export function MediaTab({ run, attributes, isCut, view, onView }: MediaTabProps) {
  const filter = view.filter ?? "";
  const media = useMemo(() => new Map(attributes.filter(isMedia).map((one) => [one.path, one])), [attributes]);
  const groups = useMemo(
    () => groupByNamespace([...media.keys()].filter((path) => matchesSearch(path, filter))),
    [media, filter],
  );
  const [known, setKnown] = useState<ReadonlyMap<string, readonly number[]>>(new Map());
  const onSteps = useCallback(
    (path: string, steps: readonly number[]) => setKnown((held) => new Map(held).set(path, steps)),
    [],
  );
  const steps = useMemo(() => [...new Set([...known.values()].flat())].sort((a, b) => a - b), [known]);
  if (media.size === 0) {
    return (
      <EmptyState title="No images, sound, pages or tables yet">
        Log one with <code>run["predictions"].append(File("sample.png"))</code>, or upload a picture.
      </EmptyState>
    );
  }
  const opened = view.path === undefined ? undefined : media.get(view.path);
  const order = groups.flatMap(({ paths }) => paths);
  const move = (by: number) => {
    const at = order.indexOf(view.path ?? "");
    const next = order[(at + by + order.length) % order.length];
    if (next !== undefined) onView({ path: next });
  };
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <SearchInput
          className={styles.filter}
          value={filter}
          onChange={(text) => onView({ filter: text || undefined, folded: undefined })}
          label="Filter media"
          testId="media-filter"
        />
        {opened === undefined && <StepBar steps={steps} step={view.step} onStep={(step) => onView({ step })} />}
      </div>
      {isCut && (
        <p className={styles.cut}>
          Of a run with this many files, the first {formatCount(attributes.length)} in the alphabet are looked through.
          All of them are on the tab Files.
        </p>
      )}
      {groups.length === 0 && <EmptyState title="Nothing matches the filter" />}
      {groups.map((group) => (
        <Section
          key={group.name}
          title={group.name || "(top)"}
          count={group.paths.length}
          {...folding(view, onView, group.name, true)}
        >
          <div className={styles.grid}>
            {group.paths.map((path) => {
              const attribute = media.get(path);
              if (attribute === undefined) return null;
              return (
                <MediaTile
                  key={path}
                  run={run}
                  attribute={attribute}
                  title={withinGroup(path, group.name)}
                  step={view.step}
                  onOpen={() => onView({ path })}
                  onSteps={onSteps}
                />
              );
            })}
          </div>
        </Section>
      ))}
      {opened !== undefined && (
        <FullScreen
          run={run}
          attribute={opened}
          step={view.step}
          onStep={(step) => onView({ step })}
          onMove={move}
          onClose={() => onView({ path: undefined })}
        />
      )}
    </div>
  );
}

/** A file series may hold anything; its tile says so when what it holds cannot be shown. Source code has its own tab. */
function isMedia({ kind, path, file }: AttributeInfo): boolean {
  if (kind === "file_series") return true;
  return (
    kind === "file" &&
    file != null &&
    !path.startsWith("source_code/") &&
    MEDIA_KINDS.includes(previewKind(path, file.filename, file.media_type))
  );
}
