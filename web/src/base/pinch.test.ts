import { describe, expect, test } from "vitest";
import { fingersOf, type Pinch, pinched } from "./pinch.ts";

const fingers = (...lefts: number[]) => fingersOf(lefts.map((left) => ({ left, top: 50 })));
const pinch = (given: Partial<Pinch> = {}): Pinch => ({
  shown: [0, 100],
  log: false,
  width: 400,
  start: fingers(150, 250),
  ...given,
});

describe("two fingers on an axis", () => {
  test("that are spread show less, around what was between them", () => {
    expect(pinched(pinch(), fingers(100, 300))).toEqual({ x: [25, 75], meaning: "zoom" });
    expect(pinched(pinch({ start: fingers(50, 150) }), fingers(0, 200))).toEqual({ x: [12.5, 62.5], meaning: "zoom" });
  });

  test("never lead out of what was shown", () => {
    expect(pinched(pinch(), fingers(200, 400)).x).toEqual([12.5, 62.5]);
    expect(pinched(pinch({ start: fingers(0, 100) }), fingers(200, 400)).x).toEqual([0, 50]);
  });

  test("that come together show all", () => {
    expect(pinched(pinch(), fingers(180, 220))).toEqual({ x: [0, 100], meaning: "reset" });
  });

  test("that hardly move mean nothing", () => {
    expect(pinched(pinch(), fingers(149, 251)).meaning).toBe("none");
    expect(pinched(pinch(), fingers(151, 249)).meaning).toBe("none");
  });

  test("spread powers of ten on a logarithmic axis", () => {
    const { x } = pinched(pinch({ shown: [1, 10_000], log: true }), fingers(100, 300));
    expect(x[0]).toBeCloseTo(10);
    expect(x[1]).toBeCloseTo(1000);
  });

  test("may stand above each other, or be one", () => {
    expect(
      fingersOf([
        { left: 10, top: 0 },
        { left: 10, top: 200 },
      ]),
    ).toEqual({ middle: 10, distance: 200 });
    expect(fingersOf([{ left: 10, top: 0 }])).toEqual({ middle: 10, distance: 24 });
  });
});
