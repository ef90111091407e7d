/** One path of pictures, sound, pages or tables, at the step that all tiles show. */

import { ActionIcon } from "@mantine/core";
import { useEffect, useEffectEvent, useRef } from "react";
import type { AttributeInfo, Run } from "#api/types.ts";
import { formatNumber } from "#base/numbers.ts";
import { ExpandIcon } from "#widgets/icons.tsx";
import { useVisible } from "#widgets/visible.ts";
import { frameAt, useFrames } from "./frames.ts";
import { kindOf, MediaBody } from "./media-body.tsx";
import styles from "./media-tab.module.css";

interface MediaTileProps {
  readonly run: Run;
  readonly attribute: AttributeInfo;
  readonly title: string;
  /** Undefined shows the newest. */
  readonly step: number | undefined;
  readonly onOpen: () => void;
  /** Told the steps of this path as soon as they are known. */
  readonly onSteps: (path: string, steps: readonly number[]) => void;
}

export function MediaTile({ run, attribute, title, step, onOpen, onSteps }: MediaTileProps) {
  const tile = useRef<HTMLElement>(null);
  const visible = useVisible(tile);
  const { frames, error, isPending } = useFrames(run.id, attribute, visible);
  const frame = frameAt(frames, step);
  const { path } = attribute;
  const first = frames[0]?.step;
  const tell = useEffectEvent(() =>
    onSteps(
      path,
      frames.flatMap((one) => (one.step === null ? [] : [one.step])),
    ),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: steps are only added, at either end.
  useEffect(() => {
    if (frames.length > 0) tell();
  }, [frames.length, first]);
  const isPicture = frame !== undefined && kindOf(path, frame) === "image";
  return (
    <article
      ref={tile}
      className={styles.tile}
      aria-label={path}
      data-testid="media-tile"
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
        <ActionIcon size={22} variant="subtle" color="gray" aria-label={`Show ${path} full screen`} onClick={onOpen}>
          <ExpandIcon size={13} />
        </ActionIcon>
      </header>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button above does the same. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the button above does the same. */}
      <div className={styles.stage} data-zoom={isPicture} onClick={isPicture ? onOpen : undefined}>
        {visible && frame !== undefined && <MediaBody run={run} path={path} frame={frame} large={false} />}
        {error !== null && <span role="alert">{error.message}</span>}
        {visible && !isPending && frame === undefined && error === null && (
          <span>{frames.length === 0 ? "No points yet" : "Nothing up to this step"}</span>
        )}
      </div>
      {frame?.file.caption != null && frame.file.caption !== "" && (
        <p className={styles.caption}>{frame.file.caption}</p>
      )}
    </article>
  );
}
