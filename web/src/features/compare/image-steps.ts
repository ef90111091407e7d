/** Which image of each run stands at a step. Pure. */

import type { RunImage } from "#api/run-images.ts";

/** All steps at which any run has an image, in order. */
export function stepsOf(images: Iterable<readonly RunImage[]>): number[] {
  const steps = new Set<number>();
  for (const each of images) for (const { step } of each) if (step !== null) steps.add(step);
  return [...steps].sort((a, b) => a - b);
}

/** The newest image up to `step`; one without a step stands at every one. Null: there is none yet. */
export function imageAt(images: readonly RunImage[], step: number): RunImage | null {
  let found: RunImage | null = null;
  for (const image of images) if (image.step === null || image.step <= step) found = image;
  return found;
}

/** The place among `steps` of the last one up to `step`; the last of all if there is no `step`. */
export function placeOf(steps: readonly number[], step: number | undefined): number {
  if (step === undefined) return Math.max(0, steps.length - 1);
  let place = 0;
  steps.forEach((each, at) => {
    if (each <= step) place = at;
  });
  return place;
}
