/** Whether what somebody typed into a filter is meant as a query, and not as words to look for. */

// What a query has and plain words have not: a comparison, a path in backquotes, or a comparison that is a word.
const QUERY = /[=<>`]|(?:^|\s)(?:(?:CONTAINS|MATCHES|EXISTS)(?:\s|$|\))|IN\s*\()/;

/** The server knows the language; this only says whom to ask. Keywords count in capitals, words in any case. */
export function isQuery(text: string): boolean {
  return QUERY.test(text);
}
