/** Where in a line the words of a search stand. */

/**
 * `text` cut where what is searched for begins and ends, whatever the case; every second part is a match.
 *
 * The server knows a few more expressions than browsers do; what a browser does not understand has no marks.
 */
export function splitMatches(text: string, search: string, regex = false): string[] {
  const expression = search === "" ? null : expressionOf(search, regex);
  if (expression === null) return [text];
  const parts: string[] = [];
  let at = 0;
  for (const match of text.matchAll(expression)) {
    if (match[0] === "") continue;
    parts.push(text.slice(at, match.index), match[0]);
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at));
  return parts;
}

function expressionOf(search: string, regex: boolean): RegExp | null {
  try {
    return new RegExp(regex ? search : search.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi");
  } catch {
    return null;
  }
}
