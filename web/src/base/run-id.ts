/** Ids of runs: 32 hexadecimal digits, made by the client. A key such as `CATS-12` is made by the server. */

export function isRunId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}
