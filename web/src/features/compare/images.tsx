/** Images of the compared runs beside each other, at one step that a slider chooses. */

import { Loader, Slider } from "@mantine/core";
import { type ReactNode, useMemo, useState } from "react";
import { useColumns } from "#api/queries.ts";
import { fileAddress } from "#api/request.ts";
import { MOST_IMAGE_RUNS, type RunImage, useImages } from "#api/run-images.ts";
import type { Run } from "#api/types.ts";
import { lineColor } from "#base/color.ts";
import { formatNumber } from "#base/numbers.ts";
import { useDark } from "#widgets/dark.ts";
import { EmbeddedFile } from "#widgets/embedded-file.tsx";
import { EmptyState, ErrorState } from "#widgets/empty-state.tsx";
import { PathSelect } from "#widgets/path-select.tsx";
import type { ComparedRun, CompareView } from "./compare-page.tsx";
import { imageAt, placeOf, stepsOf } from "./image-steps.ts";
import styles from "./images.module.css";

interface ImagesProps {
  readonly project: string;
  readonly compared: readonly ComparedRun[];
  readonly view: CompareView;
  readonly onView: (patch: CompareView) => void;
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
}

const FILE_KINDS: readonly string[] = ["file_series", "file"];

export function Images({ project, compared, view, onView, runLink }: ImagesProps) {
  const [search, setSearch] = useState("");
  const { data: columns } = useColumns(project, search, true);
  const options = (columns?.columns ?? [])
    .filter(({ kind, path }) => FILE_KINDS.includes(kind) && !path.startsWith("source_code/"))
    .sort((a, b) => FILE_KINDS.indexOf(a.kind) - FILE_KINDS.indexOf(b.kind))
    .map(({ path }) => path);
  const path = view.image ?? (search === "" ? (options[0] ?? "") : "");
  const runIds = useMemo(() => compared.map(({ run }) => run.id), [compared]);
  const { images, isPending, error } = useImages(runIds, path);
  const steps = useMemo(() => stepsOf(images.values()), [images]);
  const place = placeOf(steps, view.step);
  const [sliding, setSliding] = useState<number | null>(null);
  const step = steps[sliding ?? place] ?? 0;
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <PathSelect
          label="Images"
          placeholder="Choose images"
          className={styles.select}
          testId="images-path"
          value={path || null}
          options={[...new Set(options)]}
          onSearch={setSearch}
          onChange={(next) => onView({ image: next ?? undefined, step: undefined })}
        />
        {steps.length > 1 && (
          <div className={styles.steps}>
            <Slider
              className={styles.slider ?? ""}
              size="sm"
              min={0}
              max={steps.length - 1}
              value={sliding ?? place}
              label={null}
              thumbLabel="Step"
              thumbProps={{ "data-testid": "images-step" } as object}
              onChange={setSliding}
              onChangeEnd={(next) => {
                setSliding(null);
                onView({ step: next === steps.length - 1 ? undefined : steps[next] });
              }}
            />
            <span className={styles.step} data-testid="images-at">
              step {formatNumber(step)}
            </span>
          </div>
        )}
        {compared.length > MOST_IMAGE_RUNS && <span>The first {MOST_IMAGE_RUNS} runs</span>}
      </div>
      {error !== null && <ErrorState error={error} />}
      {isPending && images.size === 0 && <Loader size={20} color="gray" className={styles.waiting ?? ""} />}
      {!isPending && error === null && images.size === 0 && (
        <EmptyState title={path === "" ? "These runs have no images" : "These runs have no images at this path"} />
      )}
      {images.size > 0 && (
        <ul className={styles.grid}>
          {compared.slice(0, MOST_IMAGE_RUNS).map((each) => (
            <Tile
              key={each.run.id}
              each={each}
              path={path}
              image={imageAt(images.get(each.run.id) ?? [], step)}
              runLink={runLink}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

interface TileProps {
  readonly each: ComparedRun;
  readonly path: string;
  /** Null: the run has none up to the step. */
  readonly image: RunImage | null;
  readonly runLink: (run: Run, content: ReactNode) => ReactNode;
}

function Tile({ each, path, image, runLink }: TileProps) {
  const dark = useDark();
  const { run, label, slot } = each;
  return (
    <li className={styles.tile} data-testid="image-tile" data-step={image?.step ?? undefined}>
      <div className={styles.name}>
        <span className={styles.swatch} style={{ background: lineColor(slot, dark) }} />
        {runLink(run, label)}
      </div>
      {image === null ? (
        <p className={styles.none}>No image up to this step</p>
      ) : (
        <EmbeddedFile
          kind="image"
          className={styles.image}
          name={`${path} of ${label}${image.step === null ? "" : `, step ${formatNumber(image.step)}`}`}
          url={`${fileAddress(run.id, path, image.step === null ? {} : { step: image.step })}&v=${image.file.sha256.slice(0, 12)}`}
        />
      )}
      {image !== null && (
        <p className={styles.caption}>
          {image.step !== null && <>step {formatNumber(image.step)} </>}
          {image.file.caption}
        </p>
      )}
    </li>
  );
}
