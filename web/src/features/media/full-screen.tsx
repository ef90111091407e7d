/** One path as large as the window: left and right walk through its steps, up and down through the others. */

import { ActionIcon, Modal } from "@mantine/core";
import type { KeyboardEvent } from "react";
import type { AttributeInfo, Run } from "#api/types.ts";
import { formatNumber } from "#base/numbers.ts";
import { DownIcon, UpIcon } from "#widgets/icons.tsx";
import { frameAt, useFrames } from "./frames.ts";
import { downloadAddress, MediaBody } from "./media-body.tsx";
import styles from "./media-tab.module.css";
import { StepBar } from "./step-bar.tsx";

interface FullScreenProps {
  readonly run: Run;
  readonly attribute: AttributeInfo;
  /** Undefined shows the newest. */
  readonly step: number | undefined;
  readonly onStep: (step: number | undefined) => void;
  /** Go to the path before (-1) or after (1) this one. */
  readonly onMove: (by: number) => void;
  readonly onClose: () => void;
}

export function FullScreen({ run, attribute, step, onStep, onMove, onClose }: FullScreenProps) {
  const { path } = attribute;
  const { frames } = useFrames(run.id, attribute, true);
  const frame = frameAt(frames, step);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowUp") onMove(-1);
    if (event.key === "ArrowDown") onMove(1);
  };
  return (
    <Modal
      opened
      fullScreen
      onClose={onClose}
      title={path}
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ "aria-label": "Close" }}
      onKeyDown={onKeyDown}
    >
      <figure className={styles.full} data-testid="media-full" data-path={path} data-step={frame?.step ?? ""}>
        <div className={styles.fullbody}>
          {frame === undefined ? (
            <p className={styles.caption}>Nothing up to this step</p>
          ) : (
            <MediaBody key={path} run={run} path={path} frame={frame} large />
          )}
        </div>
        <figcaption className={styles.fullcaption}>
          <ActionIcon size={26} variant="default" aria-label="Previous" onClick={() => onMove(-1)}>
            <UpIcon size={14} />
          </ActionIcon>
          <ActionIcon size={26} variant="default" aria-label="Next" onClick={() => onMove(1)}>
            <DownIcon size={14} />
          </ActionIcon>
          {frame !== undefined && (
            <>
              {frame.step !== null && <span>step {formatNumber(frame.step)}</span>}
              {frame.file.caption && <span>{frame.file.caption}</span>}
              <a href={downloadAddress(run.id, path, frame)}>Download</a>
            </>
          )}
        </figcaption>
        <StepBar steps={frames.flatMap((one) => (one.step === null ? [] : [one.step]))} step={step} onStep={onStep} />
      </figure>
    </Modal>
  );
}
