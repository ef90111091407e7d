import { expect, test } from "vitest";
import type { AttributeInfo } from "#api/types.ts";
import { sittings } from "./processes.ts";

test("ranks beside the first are no sittings of their own", () => {
  const one = (path: string, value: number): AttributeInfo => ({ path, kind: "int", value, series: null, file: null });
  const first = [one("monitoring/a/pid", 7), one("monitoring/a/rank", 0), one("monitoring/b/pid", 8)];
  expect(sittings([...first, one("monitoring/b/rank", 1), one("other/pid", 9)])).toBe(1);
  expect(sittings([...first, one("monitoring/c/d/pid", 9)])).toBe(3);
  expect(sittings([])).toBe(0);
});
