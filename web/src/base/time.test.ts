import { expect, test } from "vitest";
import { formatAgo, formatDuration, formatSeconds } from "./time.ts";

test.each([
  [37, "37ms"],
  [12_000, "12s"],
  [200_000, "3m 20s"],
  [3_840_000, "1h 04m"],
  [183_600_000, "2d 3h"],
  [-5, "0ms"],
])("%d milliseconds are %s", (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test.each([
  [0, "0s"],
  [0.25, "0.25s"],
  [1.5, "1.5s"],
  [100, "1m 40s"],
  [61.2, "1m 1.2s"],
  [7200, "2h"],
  [184_800, "2d 3h 20m"],
  [-90, "−1m 30s"],
])("the tick at %d seconds says %s", (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test("how long ago is told in the largest unit", () => {
  const now = Date.UTC(2026, 2, 14);
  expect(formatAgo(now - 2000, now)).toBe("now");
  expect(formatAgo(now - 42_000, now)).toBe("42s ago");
  expect(formatAgo(now - 3_600_000 * 5, now)).toBe("5h ago");
  expect(formatAgo(now - 86_400_000 * 40, now)).toMatch(/^2026-02-0\d$/);
});

test("a clock that runs ahead of the server's makes nothing happen in the future", () => {
  expect(formatAgo(2000, 1000)).toBe("now");
});
