import { expect, test } from "vitest";
import { groundColors, parseAnsi, stripAnsi } from "./ansi.ts";

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

test("a colour may be written with colons, and name a space of colours", () => {
  expect(parseAnsi(`${ESC}[38:2::10:20:200mx`)[0]?.color).toBe("rgb(10 20 200)");
  expect(parseAnsi(`${ESC}[38:2:10:20:200;1mx`)[0]).toMatchObject({ color: "rgb(10 20 200)", bold: true });
  expect(parseAnsi(`${ESC}[48:5:196mx`)[0]?.background).toBe("rgb(255 0 0)");
  expect(parseAnsi(`${ESC}[4:3mx${ESC}[4:0my`).map(({ underline }) => underline)).toEqual([true, false]);
});

test("text on a ground of its own can be read", () => {
  const colors = (codes: string) => {
    const [span] = parseAnsi(`${ESC}[${codes}mx`);
    return span === undefined ? undefined : groundColors(span);
  };
  expect(colors("31")).toBeNull();
  expect(colors("37;41")).toEqual(["rgb(190 190 190)", "rgb(170 0 0)"]);
  expect(colors("43")).toEqual(["rgb(255 255 255)", "rgb(150 90 0)"]);
  expect(colors("93;107")).toEqual(["rgb(0 0 0)", "rgb(255 255 255)"]);
  expect(colors("7")).toEqual(["rgb(255 255 255)", "rgb(85 85 85)"]);
  expect(colors("7;31")).toEqual(["rgb(255 255 255)", "rgb(170 0 0)"]);
  expect(parseAnsi(`${ESC}[7;9mx${ESC}[27;29my`).map(({ inverse, struck }) => [inverse, struck])).toEqual([
    [true, true],
    [false, false],
  ]);
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
