import { expect, test } from "vitest";
// The server finds media and texts by the same rules, and is tested with the same examples.
import cases from "./preview-kind.cases.json";
import { previewKind } from "./preview-kind.ts";

test.each(cases as [string, string, string, string][])(
  "%s (%s, %s) is shown as %s",
  (path, filename, mediaType, kind) => {
    expect(previewKind(path, filename, mediaType)).toBe(kind);
  },
);
