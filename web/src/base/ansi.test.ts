import { expect, test } from "vitest";
import { parseAnsi, stripAnsi } from "./ansi.ts";

const ESC = "\u001b";

test("plain text is one span", () => {
  expect(parseAnsi("hello").map(({ text }) => text)).toEqual(["hello"]);
  expect(parseAnsi("")).toEqual([]);
});

test("colours and weight hold until they are reset", () => {
  const spans = parseAnsi(`${ESC}[1;31mred${ESC}[0m plain ${ESC}[92mgreen`);
  expect(spans.map(({ text, color, bold }) => [text, color, bold])).toEqual([
    ["red", 1, true],
    [" plain ", null, false],
    ["green", 10, false],
  ]);
});

test("the large palettes become colours of the page", () => {
  expect(parseAnsi(`${ESC}[38;5;196mx`)[0]?.color).toBe("rgb(255 0 0)");
  expect(parseAnsi(`${ESC}[38;5;3mx`)[0]?.color).toBe(3);
  expect(parseAnsi(`${ESC}[48;2;1;2;3mx`)[0]?.background).toBe("rgb(1 2 3)");
  expect(parseAnsi(`${ESC}[38;5;240;1mx`)[0]?.bold).toBe(true);
});

test("sequences that move the cursor or set a title leave nothing behind", () => {
  expect(stripAnsi(`${ESC}[2K${ESC}]0;title${"\u0007"}done${ESC}[1A`)).toBe("done");
});

test("what a carriage return overwrites is not shown", () => {
  expect(stripAnsi("10%\r50%\r100%")).toBe("100%");
  expect(stripAnsi("a windows line\r\n")).toBe("a windows line");
});

test("markup stays text", () => {
  expect(parseAnsi("<script>")[0]?.text).toBe("<script>");
});
