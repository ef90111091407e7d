import { expect, test } from "vitest";
import { previewKind } from "./preview-kind.ts";

test.each([
  ["source_code/diff", "diff", "text/plain", "diff"],
  ["report", "report.html", "text/html", "html"],
  ["config", "config.json", "application/json", "json"],
  ["notes", "notes.md", "application/octet-stream", "text"],
  ["log", "out.bin", "text/plain; charset=utf-8", "text"],
  ["plot", "roc.svg", "image/svg+xml", "image"],
  ["table", "table.csv", "text/csv", "table"],
  ["table", "scores.tsv", "application/octet-stream", "table"],
  ["paper", "paper.pdf", "application/pdf", "pdf"],
  ["model", "model.pt", "application/octet-stream", "none"],
])("%s (%s, %s) is shown as %s", (path, filename, mediaType, kind) => {
  expect(previewKind(path, filename, mediaType)).toBe(kind);
});
