/** Tables that are written as text. */

/**
 * The first `maxRows` rows of `text`, cells of which stand between `delimiter`s; a quoted one may hold anything, with
 * each quote in it doubled.
 */
export function parseTable(text: string, delimiter: string, maxRows: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length && rows.length < maxRows) {
    let cell = "";
    if (text[at] === '"') {
      for (at += 1; at < text.length; at += 1) {
        if (text[at] !== '"') cell += text[at];
        else if (text[at + 1] === '"') {
          cell += '"';
          at += 1;
        } else {
          at += 1;
          break;
        }
      }
    }
    while (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") {
      cell += text[at];
      at += 1;
    }
    row.push(cell);
    if (text[at] === delimiter) {
      at += 1;
      if (at < text.length && text[at] !== "\n" && text[at] !== "\r") continue;
      row.push("");
    }
    if (text[at] === "\r") at += 1;
    if (text[at] === "\n") at += 1;
    rows.push(row);
    row = [];
  }
  return rows;
}

/** What stands between the cells of a file: a tab where its name or type says so, else a comma or a semicolon. */
export function delimiterOf(filename: string, mediaType: string, text: string): string {
  if (/\.tsv$/i.test(filename) || mediaType.startsWith("text/tab-separated-values")) return "\t";
  const first = text.slice(0, text.indexOf("\n") + 1 || undefined);
  return first.split(";").length > first.split(",").length ? ";" : ",";
}
