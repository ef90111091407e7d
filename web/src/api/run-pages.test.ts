import { expect, test } from "vitest";
import { mayBeSeen, type RunPages, refreshedPages, uniqueRows } from "./run-pages.ts";
import type { Run, RunPage } from "./types.ts";

function page(ids: string[], cursor: string | null): RunPage {
  const rows = ids.map((id) => ({ run: { id } as Run, cells: {} }));
  return { rows, columns: [], total: 9, cursor };
}

const held: RunPages = {
  pages: [page(["a", "b"], "2"), page(["c", "d"], "4"), page(["e", "f"], "6")],
  pageParams: [null, "2", "4"],
};

function server(pages: Record<string, RunPage>) {
  const asked: (string | null)[] = [];
  const fetchPage = (cursor: string | null) => {
    asked.push(cursor);
    const found = pages[cursor ?? "start"];
    return found === undefined ? Promise.reject(new Error(`no page ${cursor}`)) : Promise.resolve(found);
  };
  return { asked, fetchPage };
}

test("only the pages on the screen, and the first, are asked for", async () => {
  const { asked, fetchPage } = server({ start: page(["a", "b"], "2"), "4": page(["e", "f"], "6") });
  const { pages } = await refreshedPages(held, [4, 5], fetchPage);
  expect(asked).toEqual([null, "4"]);
  expect(pages).toHaveLength(3);
});

test("what follows a page that other runs moved into is fetched when one scrolls there", async () => {
  const { fetchPage } = server({ start: page(["new", "a"], "2") });
  const { pages, pageParams } = await refreshedPages(held, [0, 1], fetchPage);
  expect(uniqueRows(pages).map(({ run }) => run.id)).toEqual(["new", "a"]);
  expect(pageParams).toEqual([null]);
});

test("a change inside the rows on the screen keeps everything in place", async () => {
  const { fetchPage } = server({ start: page(["b", "a"], "2") });
  const { pages } = await refreshedPages(held, [0, 1], fetchPage);
  expect(uniqueRows(pages).map(({ run }) => run.id)).toEqual(["b", "a", "c", "d", "e", "f"]);
});

test("a run that moved between two fetches is shown once", () => {
  const rows = uniqueRows([page(["a", "b"], "2"), page(["b", "c"], null)]);
  expect(rows.map(({ run }) => run.id)).toEqual(["a", "b", "c"]);
});

test("a run that changes off the screen asks for nothing, a new one does", () => {
  const rows = uniqueRows(held.pages);
  const newestFirst = { search: "", sort: ["-sys/creation_time"] };
  expect(mayBeSeen(["f"], newestFirst, rows, [0, 2])).toBe(false);
  expect(mayBeSeen(["f", "b"], newestFirst, rows, [0, 2])).toBe(true);
  expect(mayBeSeen(["new"], newestFirst, rows, [0, 2])).toBe(true);
  expect(mayBeSeen(null, newestFirst, rows, [0, 2])).toBe(true);
  expect(mayBeSeen(["f"], { search: "", sort: ["train/loss"] }, rows, [0, 2])).toBe(true);
});
