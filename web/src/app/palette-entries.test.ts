import { describe, expect, it } from "vitest";
import { commandsOf, matching, type Places, projectEntries } from "./palette-entries.ts";

const nowhere: Places = { go: () => undefined, theme: () => undefined, shortcuts: () => undefined };

function project(name: string) {
  return { name, run_count: 1, running_count: 0, created_at: 0, heard_at: 0 };
}

describe("what the palette offers", () => {
  it("has the pages of the project that one is in", () => {
    const outside = commandsOf(nowhere, null).map(({ title }) => title);
    const inside = commandsOf(nowhere, "lab/cats").map(({ title }) => title);
    expect(outside).not.toContain("Trash");
    expect(inside.slice(0, 3)).toEqual(["Runs table", "Dashboards", "Trash"]);
    expect(inside.slice(3)).toEqual(outside);
  });

  it("finds by all words in any order, what begins with them first", () => {
    const entries = projectEntries(nowhere, [project("lab/cats"), project("cats/lab"), project("lab/dogs")]);
    expect(matching(entries, "CATS lab").map(({ title }) => title)).toEqual(["cats/lab", "lab/cats"]);
    expect(matching(entries, "").length).toBe(3);
    expect(matching(entries, "birds")).toEqual([]);
  });
});
