import { expect, test } from "vitest";
import { runDuration } from "./run-status.ts";

const run = { created_at: 1000, ended_at: null, heard_at: 4000 };

test("a running run lasts until now", () => {
  expect(runDuration({ ...run, status: "running" }, 9000)).toBe(8000);
});

test("a stalled run lasts until it was last heard of", () => {
  expect(runDuration({ ...run, status: "stalled" }, 9000)).toBe(3000);
});

test("an ended run lasts as long as it lasted", () => {
  expect(runDuration({ ...run, status: "finished", ended_at: 3500 }, 9000)).toBe(2500);
});
