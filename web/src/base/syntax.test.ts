import { expect, test } from "vitest";
import { highlight, type Language, languageOf } from "./syntax.ts";

const shown = (text: string, language: Language | null) =>
  highlight(text, language).map((line) =>
    line.map(({ text: part, kind }) => (kind === null ? part : `${kind}<${part}>`)).join(""),
  );

test("python", () => {
  expect(shown('@torch.no_grad()\ndef train(x=1e-3):  # lr\n    return f"{x}" + """a\nb"""', "python")).toEqual([
    "name<@torch.no_grad>()",
    "keyword<def> name<train>(x=number<1e-3>):  comment<# lr>",
    '    keyword<return> string<f"{x}"> + string<"""a>',
    'string<b""">',
  ]);
});

test("a string that does not end harms one line only", () => {
  expect(shown("x = 'a\nif y:", "python")).toEqual(["x = string<'a>", "keyword<if> y:"]);
});

test("languages with braces, of data and of settings", () => {
  expect(shown("const a = `x\ny`; // z", "braces")).toEqual([
    "keyword<const> a = string<`x>",
    "string<y`>; comment<// z>",
  ]);
  expect(shown('{"a": [1, "b", null]}', "json")).toEqual(['{name<"a">: [number<1>, string<"b">, keyword<null>]}']);
  expect(shown("lr: 0.1 # rate\n[tool]", "hash")).toEqual(["name<lr>: number<0.1> comment<# rate>", "name<[tool]>"]);
  expect(shown("SELECT a -- all", "sql")).toEqual(["keyword<SELECT> a comment<-- all>"]);
});

test("text without a language is left as it is, line by line", () => {
  expect(shown("if\n\nx", null)).toEqual(["if", "", "x"]);
});

test.each([
  ["train.py", "python"],
  ["src/Dockerfile", "hash"],
  ["a.tsx", "braces"],
  ["notes.md", null],
])("%s is %s", (name, language) => {
  expect(languageOf(name)).toBe(language);
});
