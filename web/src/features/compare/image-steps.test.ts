import { expect, test } from "vitest";
import type { RunImage } from "#api/run-images.ts";
import { imageAt, placeOf, stepsOf } from "./image-steps.ts";

const image = (step: number | null) => ({ step, file: {} }) as RunImage;

test("the slider has every step at which any run has an image", () => {
  expect(stepsOf([[image(10), image(20)], [image(5), image(20)], [image(null)]])).toEqual([5, 10, 20]);
});

test("a run shows its newest image up to the step", () => {
  const images = [image(10), image(20)];
  expect(imageAt(images, 5)).toBeNull();
  expect(imageAt(images, 15)?.step).toBe(10);
  expect(imageAt(images, 99)?.step).toBe(20);
  expect(imageAt([image(null)], 0)?.step).toBeNull();
});

test("a step of an address is the last one up to it, and none is the newest", () => {
  expect(placeOf([5, 10, 20], 12)).toBe(1);
  expect(placeOf([5, 10, 20], 1)).toBe(0);
  expect(placeOf([5, 10, 20], undefined)).toBe(2);
  expect(placeOf([], undefined)).toBe(0);
});
