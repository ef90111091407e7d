import { expect, test } from "vitest";
import { differenceOfValues, pairWords, partingWords } from "./changes.ts";

test("a side is told in few characters", () => {
  const words = (value: Parameters<typeof pairWords>[0]) => pairWords(value, null)[0];
  expect(pairWords(null, "")).toEqual(["nothing", "“”"]);
  expect(words(["a", "b"])).toBe("a, b");
  expect(words(false)).toBe("false");
  expect(words("ab".repeat(32))).toBe("abababababab");
  expect(words(1763811732)).toBe("1\u202f763\u202f811\u202f732");
});

test("two numbers are told apart", () => {
  expect(pairWords(0.1, 0.2)).toEqual(["0.1", "0.2"]);
  expect(pairWords(0.12345678, 0.12345679)).toEqual(["0.12345678", "0.12345679"]);
});

test("numbers tell by how much they changed", () => {
  expect(differenceOfValues(0.1, 0.01)).toBe("−0.09 (−90%)");
  expect(differenceOfValues(0, 2)).toBe("+2");
  expect(differenceOfValues(1, "NaN")).toBeNull();
  expect(differenceOfValues(null, 1)).toBeNull();
});

test("a parting names its step, the first other value, and the noise", () => {
  expect(partingWords({ step: 1203.5, differs_at: 3, limit: 0.02, last_step: 1999 })).toBe(
    "The curves part at step 1\u202f204. First other value at step 3. Up to 0.02 is noise.",
  );
  expect(partingWords({ step: 7, differs_at: 7, limit: 0, last_step: 9 })).toBe("The curves part at step 7.");
});
