import { expect, test } from "vitest";
import { frameAt, withFrames } from "./frames.ts";

const file = (name: string) => ({ sha256: name, filename: name, media_type: "image/png", size: 1, caption: null });

test("a picture at a step that exists replaces it, others join in order", () => {
  const held = { frames: [1, 3].map((step) => ({ step, file: file(`old${step}`) })), position: 1 };
  const series = {
    path: "p",
    kind: "file_series" as const,
    steps: [2, 3],
    times: [0, 0],
    values: [file("a"), file("b")],
  };
  const { frames, position } = withFrames(held, series, 9);
  expect(frames.map(({ file: { filename } }) => filename)).toEqual(["old1", "a", "b"]);
  expect(position).toBe(9);
});

test("at a step stands the newest that is not after it", () => {
  const frames = [1, 3].map((step) => ({ step, file: file(`${step}`) }));
  expect([undefined, 0, 1, 2, 9].map((step) => frameAt(frames, step)?.step)).toEqual([3, undefined, 1, 1, 3]);
  expect(frameAt([{ step: null, file: file("one") }], -5)?.file.filename).toBe("one");
});
