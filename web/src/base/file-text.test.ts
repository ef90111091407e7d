import { expect, test } from "vitest";
import { decodedText, NotTextError, wholeLines } from "./file-text.ts";

const text = "héllo\nwörld 你好 🐍\n";
const utf8 = new TextEncoder().encode(text);

function utf16(little: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 + text.length * 2));
  view.setUint16(0, 0xfeff, little);
  for (let at = 0; at < text.length; at += 1) view.setUint16(2 + at * 2, text.charCodeAt(at), little);
  return new Uint8Array(view.buffer);
}

test("text is read in the encoding that it has", () => {
  expect(decodedText(utf8)).toBe(text);
  expect(decodedText(new Uint8Array([0xef, 0xbb, 0xbf, ...utf8]))).toBe(text);
  expect(decodedText(utf16(true))).toBe(text);
  expect(decodedText(utf16(false))).toBe(text);
  expect(decodedText(new Uint8Array([0x68, 0xe9, 0x6c, 0x6c, 0x6f]))).toBe("héllo");
  expect(decodedText(new Uint8Array())).toBe("");
});

test("a character that is cut does not make the rest unreadable", () => {
  expect(decodedText(utf8.subarray(0, utf8.length - 3))).toMatch(/^héllo\nwörld 你好 \uFFFD/);
});

test("bytes are no text", () => {
  expect(() => decodedText(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1]))).toThrow(NotTextError);
});

test("of a text that was cut the whole lines are left", () => {
  expect(wholeLines("a\nb\nc")).toBe("a\nb\n");
  expect(wholeLines("abc")).toBe("abc");
});
