/** Pictures that a run logged: one tile per path, with a slider over its steps. */

import { useMemo } from "react";
import type { AttributeInfo, Run } from "#api/types.ts";
import { groupByNamespace, matchesSearch, withinGroup } from "#base/path.ts";
import { EmptyState } from "#widgets/empty-state.tsx";
import { SearchInput } from "#widgets/search-input.tsx";
import { Section } from "#widgets/section.tsx";
import { FullScreen } from "./full-screen.tsx";
import { ImageTile } from "./image-tile.tsx";
import styles from "./images-tab.module.css";

export interface ImagesView {
  readonly filter?: string | undefined;
  readonly path?: string | undefined;
  readonly step?: number | undefined;
}

interface ImagesTabProps {
  readonly run: Run;
  readonly attributes: readonly AttributeInfo[];
  readonly view: ImagesView;
  readonly onView: (patch: ImagesView) => void;
}

export function ImagesTab({ run, attributes, view, onView }: ImagesTabProps) {
  const filter = view.filter ?? "";
  const images = useMemo(() => new Map(attributes.filter(mayBeImage).map((one) => [one.path, one])), [attributes]);
  const groups = useMemo(
    () => groupByNamespace([...images.keys()].filter((path) => matchesSearch(path, filter))),
    [images, filter],
  );
  if (images.size === 0) {
    return (
      <EmptyState title="No images yet">
        Log one with <code>run["predictions"].append(File("sample.png"))</code>, or upload a picture.
      </EmptyState>
    );
  }
  const opened = view.path === undefined ? undefined : images.get(view.path);
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <SearchInput
          className={styles.filter}
          value={filter}
          onChange={(text) => onView({ filter: text || undefined })}
          label="Filter images"
        />
      </div>
      {groups.length === 0 && <EmptyState title="No image matches the filter" />}
      {groups.map((group) => (
        <Section key={group.name} title={group.name || "(top)"} count={group.paths.length}>
          <div className={styles.grid}>
            {group.paths.map((path) => {
              const attribute = images.get(path);
              if (attribute === undefined) return null;
              return (
                <ImageTile
                  key={path}
                  run={run}
                  attribute={attribute}
                  title={withinGroup(path, group.name)}
                  onOpen={(step) => onView({ path, step })}
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
          onClose={() => onView({ path: undefined, step: undefined })}
        />
      )}
    </div>
  );
}

/** A file series may hold anything; its tile says so when what it holds is no picture. */
function mayBeImage({ kind, file }: AttributeInfo): boolean {
  return kind === "file_series" || (kind === "file" && file?.media_type.startsWith("image/") === true);
}
