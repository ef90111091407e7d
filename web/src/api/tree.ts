/** What the run that a page shows has as rows of a tree: only those on the screen are asked for. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { keys } from "./keys.ts";
import { useRunStream } from "./live.tsx";
import { getExactJson, runPath } from "./request.ts";
import { ROWS_AT_ONCE, type TreeQuestion, windowStart } from "./tree-window.ts";
import type { AttributeInfo, TreePage, TreeRow } from "./types.ts";

const NO_ROWS: readonly TreeRow[] = [];

/** Whoever scrolls through a hundred thousand rows leaves many windows behind. */
const KEPT_MS = 30_000;

export interface Tree {
  /** How many rows there are; null until that is known. */
  readonly rowCount: number | null;
  readonly attributeCount: number;
  /** Those that are here. */
  readonly rows: readonly TreeRow[];
  /** What was looked for when these rows were found. */
  readonly search: string;
  /** Undefined while it is on its way. */
  readonly rowAt: (index: number) => TreeRow | undefined;
  /** Where the row of a path is; null if it is not among those that are here. */
  readonly indexOf: (path: string) => number | null;
  /** Say that the rows from `first` to `last` are on the screen. */
  readonly show: (first: number, last: number) => void;
  readonly error: Error | null;
  readonly refetch: () => void;
}

/**
 * The rows that are on the screen, live; what a series holds is renewed every `renewMs` milliseconds. Until others have
 * come, those of the question before stay.
 */
export function useTree(runId: string, asked: TreeQuestion, renewMs: number | null): Tree {
  const stream = useRunStream();
  const [start, setStart] = useState(0);
  const { data, error, refetch } = useQuery({
    queryKey: keys.tree(runId, asked, start),
    queryFn: async ({ signal }) => {
      await stream.begun();
      const page = await fetchTree(runId, asked, { start, limit: ROWS_AT_ONCE }, signal);
      return { ...page, start, search: asked.search };
    },
    placeholderData: (held, before) => (before?.queryKey[1] === runId ? keepPreviousData(held) : undefined),
    staleTime: 0,
    gcTime: KEPT_MS,
    refetchInterval: renewMs ?? false,
  });
  const show = useCallback((first: number, last: number) => setStart(windowStart(first, last)), []);
  return {
    rowCount: data?.row_count ?? null,
    attributeCount: data?.attribute_count ?? 0,
    rows: data?.rows ?? NO_ROWS,
    search: data?.search ?? asked.search,
    rowAt: (index) => data?.rows[index - data.start],
    indexOf: (path) => {
      const index = data?.rows.findIndex((row) => row.path === path) ?? -1;
      return data === undefined || index < 0 ? null : data.start + index;
    },
    show,
    error,
    refetch: () => void refetch(),
  };
}

/** How many files the run has, and their bytes. */
export function useFileSizes(runId: string) {
  const asked: TreeQuestion = { kinds: ["file"], search: "", openUpTo: 0, toggled: [] };
  return useQuery({
    queryKey: keys.tree(runId, asked, "sizes"),
    queryFn: async ({ signal }) => {
      const page = await fetchTree(runId, asked, { limit: 0, sizes: 1 }, signal);
      return { count: page.attribute_count, bytes: page.file_bytes ?? 0 };
    },
  });
}

/** What the run has at `path`; `held` stands in for it until the server has answered. */
export function useAttribute(runId: string, path: string | undefined, held: AttributeInfo | undefined) {
  return useQuery({
    queryKey: keys.attribute(runId, path ?? ""),
    queryFn: ({ signal }) => getExactJson<AttributeInfo>(`${runPath(runId)}/attribute`, { path }, signal),
    enabled: path !== undefined,
    placeholderData: () => held,
  });
}

/** Some rows of a tree, once. */
export function fetchTree(
  runId: string,
  { kinds, search, openUpTo, toggled, below }: TreeQuestion,
  part: Readonly<Record<string, number>>,
  signal: AbortSignal,
): Promise<TreePage> {
  const question = { kind: kinds, search: search || null, open_up_to: openUpTo, toggle: toggled, below, ...part };
  return getExactJson<TreePage>(`${runPath(runId)}/tree`, question, signal);
}
