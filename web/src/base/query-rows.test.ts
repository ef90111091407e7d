import { describe, expect, it } from "vitest";
import { isComplete, queryOf, rowsOf, soughtPath } from "./query-rows.ts";

describe("a query as rows", () => {
  it.each([
    ["lr > 0.1", [["lr", ">", "0.1"]]],
    [
      "  lr>0.1 and  sys/state == failed ",
      [
        ["lr", ">", "0.1"],
        ["sys/state", "=", "failed"],
      ],
    ],
    ['`with space` NOT  contains "a \\"b\\""', [["with space", "NOT CONTAINS", 'a "b"']]],
    [
      "min(train/loss) < 1 AND note EXISTS",
      [
        ["min(train/loss)", "<", "1"],
        ["note", "EXISTS", ""],
      ],
    ],
    [
      "max(`a b`) >= -2 AND x NOT EXISTS AND y != 3",
      [
        ["max(a b)", ">=", "-2"],
        ["x", "NOT EXISTS", ""],
        ["y", "!=", "3"],
      ],
    ],
    [
      "first(loss) < .5 AND `val/acc`@MIN( `val loss` ) > 0.9 AND recall@5@max(f1@5) NOT IN (1)",
      [
        ["first(loss)", "<", ".5"],
        ["val/acc@min(val loss)", ">", "0.9"],
        ["recall@5@max(f1@5)", "NOT IN", "1"],
      ],
    ],
    ["recall@min > 1", [["recall@min", ">", "1"]]],
    [
      'txt MATCHES "\\d+ x\\\\" AND name = " lead " AND `f(x)` = ""',
      [
        ["txt", "MATCHES", "\\d+ x\\"],
        ["name", "=", " lead "],
        ["f(x)", "=", ""],
      ],
    ],
    ["", []],
  ])("reads %s and writes what means the same", (text, expected) => {
    const rows = rowsOf(text);
    expect(rows).toEqual(expected.map(([path, operator, value]) => ({ path, operator, value })));
    expect(rowsOf(queryOf(rows ?? []))).toEqual(rows);
  });

  it.each([
    "lr > 0.1 OR lr < 0.05",
    "NOT lr > 1",
    "(lr > 1)",
    "lr > 0.1 AND (x = 1)",
    "lr:float > 1",
    "a@mean(b) > 1",
    "`min(loss)` > 1",
    "`a@min(b)` > 1",
    "a@min(b > 1",
    "lr >",
    "lr > 1 AND",
    "two words",
    "lr > 1 oops x = 2",
    'lr = "open',
  ])("leaves %s to the text", (text) => {
    expect(rowsOf(text)).toBeNull();
  });

  it("knows what is missing", () => {
    expect(isComplete({ path: "lr", operator: "=", value: " " })).toBe(false);
    expect(isComplete({ path: "", operator: "EXISTS", value: "" })).toBe(false);
    expect(isComplete({ path: "lr", operator: "EXISTS", value: "" })).toBe(true);
    expect(isComplete({ path: "lr@min(", operator: "=", value: "1" })).toBe(false);
    expect(isComplete({ path: "first(lr)", operator: "=", value: "1" })).toBe(true);
  });

  it("looks for the series in brackets that are still open", () => {
    const whole = (typed: string) => [soughtPath(typed).sought, soughtPath(typed).whole("loss")];
    expect(whole("first(lo")).toEqual(["lo", "first(loss)"]);
    expect(whole("accuracy@max(")).toEqual(["", "accuracy@max(loss)"]);
    expect(whole("lo")).toEqual(["lo", "loss"]);
  });

  it("reads a list as it is, and writes it so", () => {
    const text = 'opt IN (adam, "my (own)") AND lr NOT IN (0.1)';
    expect(rowsOf(text)).toEqual([
      { path: "opt", operator: "IN", value: 'adam, "my (own)"' },
      { path: "lr", operator: "NOT IN", value: "0.1" },
    ]);
    expect(queryOf(rowsOf(text) ?? [])).toBe(text);
    expect(rowsOf("opt IN adam")).toBeNull();
  });
});
