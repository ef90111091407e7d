/** The bytes of a stored file as text. Pure. */

/** What was asked for as text is none. */
export class NotTextError extends Error {
  constructor() {
    super("The file holds no text. Download it to open it.");
    this.name = "NotTextError";
  }
}

/** As git does: text has no zeros among its first bytes. */
const LOOKED_AT = 8000;
const REPLACEMENT = /\uFFFD/g;
const BEYOND_ASCII = /[\u0080-\uFFFC]/g;

/**
 * `bytes` as text: UTF-8, UTF-16 if a byte order mark says so, or Windows-1252, of which Latin-1 is a part, where UTF-8
 * makes little of it.
 *
 * @throws NotTextError it is no text.
 */
export function decodedText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  if (bytes.subarray(0, LOOKED_AT).includes(0)) throw new NotTextError();
  const text = new TextDecoder().decode(bytes);
  // A single one is a character that was cut, or that the file itself has.
  const lost = text.match(REPLACEMENT)?.length ?? 0;
  if (lost === 0 || lost <= (text.match(BEYOND_ASCII)?.length ?? 0)) return text;
  return new TextDecoder("windows-1252").decode(bytes);
}

/** The whole lines of a text that was cut; all of it if it is one line. */
export function wholeLines(text: string): string {
  const end = text.lastIndexOf("\n");
  return end < 0 ? text : text.slice(0, end + 1);
}
