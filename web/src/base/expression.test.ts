import { expect, test } from "vitest";
import { type Expression, expressionPath, parseExpressions } from "./expression.ts";

function read(text: string): string {
  const { expressions, problem } = parseExpressions(text);
  return expressions === null
    ? `${problem.at}: ${problem.message}`
    : expressions.map((each) => shown(each.expression)).join("; ");
}

function shown(expression: Expression): string {
  switch (expression.kind) {
    case "number":
      return String(expression.value);
    case "series":
      return expression.path;
    case "minus":
      return `(-${shown(expression.of)})`;
    case "binary":
      return `(${shown(expression.left)} ${expression.sign} ${shown(expression.right)})`;
    case "call":
      return `${expression.name}(${expression.of.map(shown).join(", ")})`;
  }
}

test("signs bind as in mathematics", () => {
  expect(read("a + b * c - d")).toBe("((a + (b * c)) - d)");
  expect(read("a / b / c")).toBe("((a / b) / c)");
  expect(read("-a ^ 2 ^ b")).toBe("(-(a ^ (2 ^ b)))");
  expect(read("2 * -a")).toBe("(2 * (-a))");
  expect(read("(a + .5e-3) * 1e3")).toBe("((a + 0.0005) * 1000)");
});

test("paths with other signs stand in backquotes, and several expressions share a chart", () => {
  expect(read("`train/loss`/`a b`; log(loss.x) ;")).toBe("(train/loss / a b); log(loss.x)");
  expect(parseExpressions("a - b; c * c").expressions?.map(({ text, paths }) => [text, paths])).toEqual([
    ["a - b", ["a", "b"]],
    ["c * c", ["c"]],
  ]);
  expect(expressionPath("train/loss")).toBe("`train/loss`");
  expect(expressionPath("loss")).toBe("loss");
  expect(expressionPath("log")).toBe("`log`");
});

test("a wrong expression says where and why", () => {
  expect(read("")).toContain("0: The expression ends");
  expect(read("a +")).toContain("3: The expression ends");
  expect(read("a b")).toContain("2: Something like + or / is missing");
  expect(read("log(a")).toContain("5: The bracket from character 1 on is not closed");
  expect(read("a * )")).toContain("4: There is “)”");
  expect(read("lag(a)")).toContain("0: There is no function “lag”");
  expect(read("log(a, b)")).toContain("0: log takes 1 argument, not 2");
  expect(read("ema(a, b)")).toContain("7: The second argument of ema");
  expect(read("ema(a, 0)")).toContain("7: The second argument of ema");
  expect(read("a + `b")).toContain("4: This path has no end");
  expect(read("a & b")).toContain("2: “&” has no meaning");
  expect(read("a; 1 + 2")).toContain("3: This names no series");
  expect(read(`${"(".repeat(100)}a`)).toContain("nested too deeply");
  expect(read(`a${"^a".repeat(100)}`)).toContain("nested too deeply");
  expect(read(Array(12).fill("a").join(";"))).toContain("at most 8");
});

test("a series that is not there is named, with the one that is meant", () => {
  const known = new Set(["train/accuracy", "train/loss", "lr"]);
  const problem = (text: string) => parseExpressions(text, known).problem;
  expect(problem("lr * `train/loss`")).toBeNull();
  expect(problem("lr * train/loss")).toEqual({
    at: 5,
    message: "There is no series “train”. Do you mean `train/loss`, with backquotes?",
  });
  expect(problem("nothing")?.message).toContain("There is no series “nothing”");
  expect(problem("log")?.message).toContain("log is a function");
});
