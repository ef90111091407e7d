/** One path of pictures. It stays at the newest step until somebody moves its slider. */

import { Slider } from "@mantine/core";
import { useRef, useState } from "react";
import { fileAddress } from "#api/request.ts";
import type { AttributeInfo, Run } from "#api/types.ts";
import { formatBytes, formatNumber } from "#base/numbers.ts";
import { useVisible } from "#widgets/visible.ts";
import { type Frame, useFrames } from "./frames.ts";
import styles from "./images-tab.module.css";

interface ImageTileProps {
  readonly run: Run;
  readonly attribute: AttributeInfo;
  readonly title: string;
  readonly onOpen: (step: number | undefined) => void;
}

export function ImageTile({ run, attribute, title, onOpen }: ImageTileProps) {
  const tile = useRef<HTMLElement>(null);
  const visible = useVisible(tile);
  const [chosen, setChosen] = useState<number | null>(null);
  const { frames, error, isPending } = useFrames(run.id, attribute, visible);
  const at = chosen === null ? frames.length - 1 : Math.min(chosen, frames.length - 1);
  const frame = frames[at];
  const { path } = attribute;
  return (
    <article
      ref={tile}
      className={styles.tile}
      aria-label={path}
      data-testid="image-tile"
      data-path={path}
      data-step={frame?.step ?? ""}
    >
      <header className={styles.head}>
        <h3 className={styles.title} title={path}>
          {title}
        </h3>
        {frame !== undefined && frame.step !== null && (
          <span className={styles.step}>step {formatNumber(frame.step)}</span>
        )}
      </header>
      <div className={styles.stage}>
        {visible && frame !== undefined && (
          <Picture run={run} path={path} frame={frame} onOpen={() => onOpen(frame.step ?? undefined)} />
        )}
        {error !== null && <span role="alert">{error.message}</span>}
        {visible && !isPending && frame === undefined && error === null && "No points yet"}
      </div>
      {frames.length > 1 && (
        <Slider
          className={styles.slider}
          size="xs"
          min={0}
          max={frames.length - 1}
          value={at}
          label={(index) => `step ${formatNumber(frames[index]?.step ?? 0)}`}
          thumbLabel={`Step of ${path}`}
          onChange={(index) => setChosen(index === frames.length - 1 ? null : index)}
        />
      )}
      {frame?.file.caption != null && frame.file.caption !== "" && (
        <p className={styles.caption}>{frame.file.caption}</p>
      )}
    </article>
  );
}

interface PictureProps {
  readonly run: Run;
  readonly path: string;
  readonly frame: Frame;
  readonly onOpen: () => void;
}

function Picture({ run, path, frame, onOpen }: PictureProps) {
  const { file, step } = frame;
  if (!file.media_type.startsWith("image/")) {
    return (
      <a href={fileAddress(run.id, path, { download: true, ...(step === null ? {} : { step }) })}>
        {file.filename} · {formatBytes(file.size)}
      </a>
    );
  }
  return (
    <button type="button" className={styles.picture} onClick={onOpen} aria-label={`Show ${path} full screen`}>
      <img src={imageAddress(run.id, path, frame)} alt={file.caption ?? path} loading="lazy" decoding="async" />
    </button>
  );
}

/** The hash makes the address new when the picture at a step is replaced. */
export function imageAddress(runId: string, path: string, { step, file }: Frame): string {
  return `${fileAddress(runId, path, step === null ? {} : { step })}&v=${file.sha256.slice(0, 12)}`;
}
