import { expect, test } from "vitest";
import type { Line } from "#base/line.ts";
import type { Curve } from "#widgets/line-paint.ts";
import { pinsOf } from "./annotations.ts";

const line = { x: Float64Array.of(0, 5, 9), stepLast: Float64Array.of(10, 20, 30) } as unknown as Line;
const curves = [{ id: "a", label: "a", color: "#111111", dash: [], line }] satisfies Curve[];

test("an annotation stands at its step, or where the line reaches it on another axis", () => {
  const annotations = new Map([
    [
      "a",
      [
        { step: 15, text: "here" },
        { step: 31, text: "beyond" },
      ],
    ],
  ]);
  expect(pinsOf(curves, annotations, "step").map(({ x, text }) => [x, text])).toEqual([
    [15, "here"],
    [31, "beyond"],
  ]);
  expect(pinsOf(curves, annotations, "relative")).toEqual([{ x: 5, text: "here", color: "#111111" }]);
  expect(pinsOf(curves, new Map([["b", [{ step: 1, text: "other" }]]]), "step")).toEqual([]);
});
