import { expect, test } from "vitest";
import {
  completed,
  completionAt,
  condition,
  queryPath,
  queryValue,
  seriesBeforeBest,
  withCondition,
} from "./query-completion.ts";

test.each([
  ["", "path", "", ""],
  ["tra", "path", "tra", ""],
  ["`train/lo", "path", "train/lo", ""],
  ["`a b`", "operator", "", "a b"],
  ["loss ", "operator", "", "loss"],
  ["loss CONT", "operator", "CONT", "loss"],
  ["loss NOT CONT", "operator", "CONT", "loss"],
  ["loss <", "value", "", "loss"],
  ["sys/state = fai", "value", "fai", "sys/state"],
  ['name = "a b', "value", "a b", "name"],
  ['name = "a b"', "joiner", "", "name"],
  ["loss EXISTS ", "joiner", "", "loss"],
  ["loss < 1 A", "joiner", "A", "loss"],
  ["loss < 1 AND l", "path", "l", ""],
  ["NOT (lr", "path", "lr", ""],
  ["min(train/lo", "path", "train/lo", "min"],
  ["first(train/loss) ", "operator", "", "train/loss"],
  ["accuracy@mi", "path", "accuracy@mi", ""],
  ["accuracy@min(val/lo", "path", "val/lo", "accuracy@min"],
  ["`val acc`@ma", "operator", "@ma", "val acc"],
  ["`val acc`@max(`val/lo", "path", "val/lo", "val acc"],
  ["accuracy@min(loss) > ", "value", "", "loss"],
] as const)("in %j a %s is wanted", (text, wanted, typed, path) => {
  expect(completionAt(text, text.length)).toMatchObject({ wanted, typed, path });
});

test("the cursor may stand within the query, and the whole word is replaced", () => {
  const text = "sys/state = failed AND lr > 1";
  const found = completionAt(text, 14);
  expect(found).toMatchObject({ wanted: "value", typed: "fa", from: 12, to: 18 });
  expect(completed(text, found, "stopped")).toEqual({ text: "sys/state = stopped AND lr > 1", cursor: 20 });
});

test("paths and values are quoted where they must be", () => {
  expect(queryPath("train/loss")).toBe("train/loss");
  expect(queryPath("a b")).toBe("`a b`");
  expect(queryPath("and")).toBe("`and`");
  expect(queryValue("0.5")).toBe("0.5");
  expect(queryValue('say "hi"')).toBe('"say \\"hi\\""');
  expect(condition("lr", "<", "0.1")).toBe("lr < 0.1");
  expect(condition("lr", "NOT EXISTS", "")).toBe("lr NOT EXISTS");
});

test("a condition more narrows all of what was there", () => {
  expect(withCondition("", "lr < 1")).toBe("lr < 1");
  expect(withCondition("a = 1", "lr < 1")).toBe("a = 1 AND lr < 1");
  expect(withCondition("a = 1 OR b = 2", "lr < 1")).toBe("(a = 1 OR b = 2) AND lr < 1");
});

test("a series that is named in brackets closes them, and a best step stands close to its path", () => {
  const write = (text: string, choice: string) => completed(text, completionAt(text, text.length), choice).text;
  expect(write("lr < 1 AND fi", "first(")).toBe("lr < 1 AND first(");
  expect(write("first(lo", "loss")).toBe("first(loss) ");
  expect(write("accuracy ", "@min(")).toBe("accuracy@min(");
  expect(write("accuracy@min(", "`val loss`")).toBe("accuracy@min(`val loss`) ");
  expect(write("accuracy@min(loss) ", "<")).toBe("accuracy@min(loss) < ");
  expect(completed("min(lo) < 1", completionAt("min(lo) < 1", 6), "loss").text).toBe("min(loss) < 1");
  const calls = ["loss ", "first(", "first(loss) ", "first(loss) < 1 AND lr "].map(
    (text) => completionAt(text, text.length).call,
  );
  expect(calls).toEqual(["none", "open", "closed", "none"]);
});

test("a best step is offered for the series before its sign", () => {
  expect(["accuracy@", "recall@5@ma", "accuracy", "@min", "recall@5"].map(seriesBeforeBest)).toEqual([
    "accuracy",
    "recall@5",
    null,
    null,
    null,
  ]);
});

test("a list wants values until it is closed", () => {
  expect(completionAt("opt IN (ad", 10)).toMatchObject({ wanted: "value", typed: "ad", path: "opt" });
  expect(completionAt("opt IN (adam, ", 14)).toMatchObject({ wanted: "value", typed: "", path: "opt" });
  expect(completionAt("opt IN (adam) ", 14)).toMatchObject({ wanted: "joiner" });
  expect(condition("opt", "NOT IN", "a, b")).toBe("opt NOT IN (a, b)");
});
