/** Whether what somebody typed into a filter is meant as a query, and not as words to look for. */

// What a query has and plain words have not: a comparison, a path in backquotes, or a comparison that is a word.
const SIGNS = /[=<>`]|(?:^|\s)(?:(?:CONTAINS|MATCHES|EXISTS)(?:\s|$|\))|IN\s*\()/;
// In small letters such a word has to stand where a query has it: behind a path.
const WORDS = /\S\s+(?:(?:contains|matches)(?:\s|$)|in\s*\(|exists\s*(?:$|\)|\s(?:and|or)\s))/i;

/** The server knows the language; this only says whom to ask. */
export function isQuery(text: string): boolean {
  return SIGNS.test(text) || WORDS.test(text);
}
