import { expect, test } from "vitest";
import { lineColor, withAlpha } from "./color.ts";

test("seven lines have seven colours", () => {
  expect(new Set(Array.from({ length: 7 }, (_, index) => lineColor(index, false))).size).toBe(7);
  expect(lineColor(7, true)).toBe(lineColor(0, true));
});

test("an opacity is appended to a colour", () => {
  expect(withAlpha("#0072b2", 0.5)).toBe("#0072b280");
  expect(withAlpha("#0072b2", 2)).toBe("#0072b2ff");
});

type Triple = readonly [number, number, number];

/** How eyes see linear red, green and blue: with all cones, and without one kind (Machado, Oliveira, Fernandes 2009). */
const EYES: Readonly<Record<string, readonly [Triple, Triple, Triple]>> = {
  all: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  "without long": [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  "without middle": [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  "without short": [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const product = ([a, b, c]: Triple, [x, y, z]: Triple) => a * x + b * y + c * z;

function linear(hex: string): Triple {
  const one = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [one(1), one(3), one(5)];
}

/** Lightness, and the places between green and red and between blue and yellow (CIE 1976). */
function lab(color: Triple): Triple {
  const curve = (value: number) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = curve(product([0.4124, 0.3576, 0.1805], color) / 0.9505);
  const y = curve(product([0.2126, 0.7152, 0.0722], color));
  const z = curve(product([0.0193, 0.1192, 0.9505], color) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** A difference of 2 is just seen between two patches that touch; lines are thin and apart. */
const PLAIN = 18;

test.each(Object.keys(EYES))("any two of the seven colours are plainly different for eyes: %s", (eyes) => {
  const rows = EYES[eyes] ?? [];
  for (const dark of [false, true]) {
    const seen = Array.from({ length: 7 }, (_, index) => {
      const color = linear(lineColor(index, dark));
      const [red = 0, green = 0, blue = 0] = rows.map((row) => Math.min(1, Math.max(0, product(row, color))));
      return lab([red, green, blue]);
    });
    for (const [index, one] of seen.entries()) {
      for (const other of seen.slice(index + 1)) {
        expect(Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2])).toBeGreaterThan(PLAIN);
      }
    }
  }
});

test("lines are seen on the page's ground, three to one at least", () => {
  const luminance = (hex: string) => product([0.2126, 0.7152, 0.0722], linear(hex));
  for (let index = 0; index < 7; index += 1) {
    expect(1.05 / (luminance(lineColor(index, false)) + 0.05)).toBeGreaterThan(3);
    expect((luminance(lineColor(index, true)) + 0.05) / (luminance("#101418") + 0.05)).toBeGreaterThan(3);
  }
});
