import { expect, test } from "vitest";
import { groupId, groupSearch, keyText, keyTitle, turned } from "./group-keys.ts";

test("a group is opened as a filter that finds its runs", () => {
  expect(groupSearch("", ["optimizer"], ["adam"])).toBe("optimizer = adam");
  expect(groupSearch("lr < 1", ["a b", "sys/tags"], [0.5, ["x", "y z"]])).toBe(
    'lr < 1 AND `a b` = 0.5 AND sys/tags CONTAINS x AND sys/tags CONTAINS "y z" AND count(sys/tags) = 2',
  );
  expect(groupSearch("", ["a b"], [[]])).toBe("count(`a b`) = 0");
  expect(groupSearch("", ["amp", "none"], [true, null])).toBe("amp = true AND none NOT EXISTS");
});

test("a group by what stands for a series is told and found by that", () => {
  const by = ["first(val loss)", "train/acc@max(val loss)", "median(x)", "min_step(loss)"];
  expect(by.map(keyTitle)).toEqual(by);
  expect(keyTitle("train/acc")).toBe("acc");
  expect(groupSearch("", ["last(a b)"], [2])).toBe("`a b` = 2");
  expect(groupSearch("", by, [0.25, null, 1, "NaN"])).toBe(
    "first(`val loss`) = 0.25 AND train/acc@max(`val loss`) NOT EXISTS AND `median(x)` = 1 AND min_step(loss) = NaN",
  );
});

test("a group inside a group is told by both keys, and is opened and closed by itself", () => {
  const outer = groupId(["adam"]);
  const inner = groupId(["adam", 0.5]);
  expect(turned([outer], inner)).toEqual(['["adam"]', '["adam",0.5]']);
  expect(turned([outer, inner], outer)).toEqual([inner]);
  expect(groupSearch("", ["opt", "lr"], ["adam"])).toBe("opt = adam");
});

test("what runs do not have is a key that one can read", () => {
  expect([null, [], ["a", "b"], false, 0, ""].map((key) => keyText(key))).toEqual([
    "nothing",
    "none",
    "a, b",
    "false",
    "0",
    "empty",
  ]);
});
