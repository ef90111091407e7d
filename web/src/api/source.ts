/** The source code of the run that a page shows, as hooks over the query cache: what there is, not all of its files. */

import { useQuery } from "@tanstack/react-query";
import { keys } from "./keys.ts";
import { ApiError, getJson, runPath } from "./request.ts";
import { fetchTree, useTree } from "./tree.ts";
import type { AttributeInfo, Kind } from "./types.ts";

export const SOURCE = "source_code";
export const SOURCE_FILES = `${SOURCE}/files`;

const FILES: readonly Kind[] = ["file"];
const EVERYTHING = 1_000_000_000;
/** What a script calls its entry point need not be a path at all. */
const NOT_THERE: readonly number[] = [400, 404];
/** Folders inside each other before the first file is a row. */
const DEEPEST = 200;
/** With more files than this, folders are closed at first. */
const OPEN_UP_TO = 200;

/** What stands directly below `source_code/`: changes, requirements, folders. */
export function useSourceTop(runId: string) {
  return useTree(runId, { kinds: FILES, search: "", openUpTo: 0, toggled: [], below: SOURCE }, null);
}

/** The files below `below` as a tree. */
export function useSourceTree(runId: string, below: string, search: string, toggled: readonly string[]) {
  return useTree(runId, { kinds: FILES, search, openUpTo: OPEN_UP_TO, toggled, below }, null);
}

/** The first of `wanted` that is a file of the run, else the first file below `below`; null if there is none. */
export function useFirstSource(runId: string, wanted: readonly string[], below: string | null, enabled: boolean) {
  return useQuery({
    queryKey: keys.firstSource(runId, wanted, below),
    queryFn: async ({ signal }): Promise<AttributeInfo | null> => {
      for (const path of wanted) {
        const found = await fileAt(runId, path, signal);
        if (found !== null) return found;
      }
      if (below === null) return null;
      const asked = { kinds: FILES, search: "", openUpTo: EVERYTHING, toggled: [], below };
      const { rows } = await fetchTree(runId, asked, { limit: DEEPEST }, signal);
      return rows.find(({ attribute }) => attribute?.file != null)?.attribute ?? null;
    },
    enabled,
  });
}

async function fileAt(runId: string, path: string, signal: AbortSignal): Promise<AttributeInfo | null> {
  try {
    const found = await getJson<AttributeInfo>(`${runPath(runId)}/attribute`, { path }, signal);
    return found.file == null ? null : found;
  } catch (error) {
    if (error instanceof ApiError && NOT_THERE.includes(error.status)) return null;
    throw error;
  }
}
