/** JSON as people read it. Pure. */

/** A string, a bracket, a comma, a colon, or a number or word. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const INDENT = "  ";

/**
 * `text` with a line for each entry, everything else as it is written: a number keeps its digits, and a name that comes
 * twice stays. What is no JSON is returned as it is.
 */
export function indentedJson(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    // Many files are called .json and are not; their text is still worth a look.
    return text;
  }
  const parts: string[] = [];
  let depth = 0;
  let before = "";
  const line = () => `\n${INDENT.repeat(depth)}`;
  for (const [token] of text.matchAll(TOKEN)) {
    const isEnd = token === "}" || token === "]";
    const isFirst = before === "{" || before === "[";
    if (isEnd) {
      depth -= 1;
      if (!isFirst) parts.push(line());
    } else if (isFirst || before === ",") parts.push(line());
    parts.push(token === ":" ? ": " : token);
    if (token === "{" || token === "[") depth += 1;
    before = token;
  }
  return parts.join("");
}
