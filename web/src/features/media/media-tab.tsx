/** Pictures, sound, film, pages and tables that a run logged: a tile for each path, one slider over all their steps. */

import { useCallback, useMemo, useState } from "react";
import { useMediaBeside, useMediaSections, useSectionMedia } from "#api/media.ts";
import { useAttribute } from "#api/tree.ts";
import type { MediaSection, Run } from "#api/types.ts";
import type { Change } from "#base/change.ts";
import { withinGroup } from "#base/path.ts";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { More } from "#widgets/more.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { Section } from "#widgets/section.tsx";
import { type FoldedView, folding } from "#widgets/toggled.ts";
import { Waiting } from "#widgets/waiting.tsx";
import { FullScreen } from "./full-screen.tsx";
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
  readonly view: MediaView;
  readonly onView: (change: Change<MediaView>) => void;
}

type Steps = ReadonlyMap<string, readonly number[]>;

export function MediaTab({ run, view, onView }: MediaTabProps) {
  const filter = view.filter ?? "";
  const found = useMediaSections(run.id, filter);
  const { sections, error } = found;
  const [known, setKnown] = useState<Steps>(new Map());
  const onSteps = useCallback(
    (path: string, steps: readonly number[]) => setKnown((held) => new Map(held).set(path, steps)),
    [],
  );
  const steps = useMemo(() => [...new Set([...known.values()].flat())].sort((a, b) => a - b), [known]);
  if (found.allCount === 0) {
    return (
      <EmptyState title="No images, sound, pages or tables yet">
        Log one with <code>run["predictions"].append(File("sample.png"))</code>, or upload a picture.
      </EmptyState>
    );
  }
  if (found.allCount === null && (error === null || filter === "")) {
    return error === null ? <Waiting /> : <ErrorState error={error} onRetry={() => void found.refetch()} />;
  }
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
        {view.path === undefined && <StepBar steps={steps} step={view.step} onStep={(step) => onView({ step })} />}
      </div>
      {error !== null && <ErrorState error={error} />}
      {error === null && found.count === 0 && <EmptyState title="Nothing matches the filter" />}
      {sections.map((section, at) => (
        <Section
          key={section.name}
          title={section.name || "(top)"}
          count={section.count}
          {...folding(view, onView, section.name, at === 0 || section.media.length > 0)}
        >
          <Tiles run={run} filter={filter} section={section} view={view} onView={onView} onSteps={onSteps} />
        </Section>
      ))}
      {found.hasNextPage && !found.isFetching && (
        <More key={sections.length} onReached={() => void found.fetchNextPage()} />
      )}
      {view.path !== undefined && <Opened run={run} filter={filter} path={view.path} view={view} onView={onView} />}
    </div>
  );
}

interface TilesProps extends MediaTabProps {
  readonly filter: string;
  readonly section: MediaSection;
  readonly onSteps: (path: string, steps: readonly number[]) => void;
}

function Tiles({ run, filter, section, view, onView, onSteps }: TilesProps) {
  const { items, more } = useSectionMedia(run.id, filter, section);
  return (
    <>
      <div className={styles.grid}>
        {items.map((attribute) => (
          <MediaTile
            key={attribute.path}
            run={run}
            attribute={attribute}
            title={withinGroup(attribute.path, section.name)}
            step={view.step}
            onOpen={() => onView({ path: attribute.path })}
            onSteps={onSteps}
          />
        ))}
      </div>
      {more !== null && <More key={items.length} onReached={more} />}
    </>
  );
}

interface OpenedProps extends MediaTabProps {
  readonly filter: string;
  readonly path: string;
}

/** One of the media over the whole window, wherever it stands among the others. */
function Opened({ run, filter, path, view, onView }: OpenedProps) {
  const { data: attribute } = useAttribute(run.id, path, undefined);
  const beside = useMediaBeside(run.id, filter, path);
  if (attribute === undefined || (attribute.kind !== "file_series" && attribute.file == null)) return null;
  const move = async (by: number) => {
    const { before, after } = await beside();
    const next = by < 0 ? before : after;
    if (next !== null) onView({ path: next });
  };
  return (
    <FullScreen
      run={run}
      attribute={attribute}
      step={view.step}
      onStep={(step) => onView({ step })}
      onMove={(by) => void move(by)}
      onClose={() => onView({ path: undefined })}
    />
  );
}
