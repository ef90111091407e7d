/** One picture as large as the window; arrow keys walk through its steps. */

import { Modal, Slider } from "@mantine/core";
import type { KeyboardEvent } from "react";
import { fileAddress } from "#api/request.ts";
import type { AttributeInfo, Run } from "#api/types.ts";
import { formatNumber } from "#base/numbers.ts";
import { useFrames } from "./frames.ts";
import { imageAddress } from "./image-tile.tsx";
import styles from "./images-tab.module.css";

interface FullScreenProps {
  readonly run: Run;
  readonly attribute: AttributeInfo;
  /** Undefined shows the newest. */
  readonly step: number | undefined;
  readonly onStep: (step: number | undefined) => void;
  readonly onClose: () => void;
}

export function FullScreen({ run, attribute, step, onStep, onClose }: FullScreenProps) {
  const { frames } = useFrames(run.id, attribute, true);
  const found = frames.findIndex((frame) => frame.step === step);
  const at = found < 0 ? frames.length - 1 : found;
  const frame = frames[at];
  const go = (index: number) => {
    const next = frames[Math.min(frames.length - 1, Math.max(0, index))];
    if (next !== undefined) onStep(next.step ?? undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLElement && event.target.role === "slider") return;
    if (event.key === "ArrowLeft") go(at - 1);
    if (event.key === "ArrowRight") go(at + 1);
  };
  return (
    <Modal
      opened
      fullScreen
      onClose={onClose}
      title={attribute.path}
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ "aria-label": "Close" }}
      onKeyDown={onKeyDown}
    >
      {frame !== undefined && (
        <figure className={styles.full}>
          <img src={imageAddress(run.id, attribute.path, frame)} alt={frame.file.caption ?? attribute.path} />
          <figcaption className={styles.fullcaption}>
            {frame.step !== null && <span>step {formatNumber(frame.step)}</span>}
            <span>{frame.file.caption}</span>
            <a
              href={fileAddress(run.id, attribute.path, {
                download: true,
                ...(frame.step === null ? {} : { step: frame.step }),
              })}
            >
              Download
            </a>
          </figcaption>
          {frames.length > 1 && (
            <Slider
              min={0}
              max={frames.length - 1}
              value={at}
              label={null}
              thumbLabel="Step"
              onChange={go}
              className={styles.fullslider}
            />
          )}
        </figure>
      )}
    </Modal>
  );
}
