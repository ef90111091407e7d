import { expect, test } from "vitest";
import { groupSearch } from "./groups-table.tsx";

test("a group is opened as a filter that finds its runs", () => {
  expect(groupSearch("", ["optimizer"], ["adam"])).toBe("optimizer = adam");
  expect(groupSearch("lr < 1", ["a b", "sys/tags"], [0.5, ["x", "y z"]])).toBe(
    'lr < 1 AND `a b` = 0.5 AND sys/tags CONTAINS x AND sys/tags CONTAINS "y z"',
  );
  expect(groupSearch("", ["amp", "none"], [true, null])).toBe("amp = true AND none NOT EXISTS");
});
