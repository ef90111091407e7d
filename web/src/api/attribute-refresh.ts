/** Brings what is known of a run's attributes up to date after its stream has said which of them changed. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { type AttributesQuestion, isAbout } from "./attributes-question.ts";
import { keys } from "./keys.ts";
import { ApiError, getExactJson, runPath } from "./request.ts";
import type { AttributeInfo } from "./types.ts";

/** A page of attributes is one request; single ones are cheaper only while they are few. */
const MAX_SINGLE_FETCHES = 8;
const REFRESH_PAUSE_MS = 700;
const NOT_FOUND = 404;
const LIST = keys.attributeLists("");

/** Returns a stable function that brings the named attributes (null: all) up to date, gathering calls in between. */
export function useAttributeRefresh(runId: string): (paths: readonly string[] | null) => void {
  const client = useQueryClient();
  return useMemo(() => {
    let waiting: Set<string> | null = new Set();
    let gathering = false;
    const run = async () => {
      if (client.isFetching({ queryKey: keys.attributeLists(runId) }) > 0) {
        // The answer on its way may have been read before the change; look again when it is here.
        setTimeout(() => void run(), REFRESH_PAUSE_MS);
        return;
      }
      gathering = false;
      const paths = waiting;
      waiting = new Set();
      await refresh(client, runId, paths === null ? null : [...paths]);
    };
    return (paths) => {
      if (paths === null) waiting = null;
      else for (const path of paths) waiting?.add(path);
      if (gathering) return;
      gathering = true;
      setTimeout(() => void run(), REFRESH_PAUSE_MS);
    };
  }, [client, runId]);
}

async function refresh(client: QueryClient, runId: string, paths: readonly string[] | null): Promise<void> {
  const fetched =
    paths === null || paths.length > MAX_SINGLE_FETCHES
      ? null
      : await Promise.all(paths.map((path) => fetchAttribute(runId, path))).catch(() => null);
  if (paths === null || fetched === null) {
    await Promise.all([
      client.invalidateQueries({ queryKey: keys.attributes(runId) }),
      client.invalidateQueries({ queryKey: keys.seriesOf([runId]) }),
    ]);
    return;
  }
  const found = fetched.filter((attribute) => attribute !== null);
  for (const [key, held] of client.getQueriesData<AttributeInfo[]>({ queryKey: keys.attributeLists(runId) })) {
    if (held === undefined) continue;
    const asked = key.at(-1) as AttributesQuestion;
    const news = found.filter((attribute) => isAbout(asked, attribute));
    if (news.length === 0 && !held.some(({ path }) => paths.includes(path))) continue;
    const next = [...held.filter(({ path }) => !paths.includes(path)), ...news];
    client.setQueryData<AttributeInfo[]>(
      key,
      next.sort((a, b) => (a.path < b.path ? -1 : 1)),
    );
  }
  const others = client.invalidateQueries({
    queryKey: keys.attributes(runId),
    predicate: ({ queryKey }) => queryKey[LIST.length - 1] !== LIST.at(-1),
  });
  // A value that is new makes no series, one that is gone may have been one.
  const mayBeSeries = found.length < paths.length || found.some(({ kind }) => kind.endsWith("_series"));
  if (mayBeSeries) await client.invalidateQueries({ queryKey: keys.seriesOf([runId]) });
  await others;
}

/** Null: it is gone. */
async function fetchAttribute(runId: string, path: string): Promise<AttributeInfo | null> {
  try {
    return await getExactJson<AttributeInfo>(`${runPath(runId)}/attribute`, { path });
  } catch (error) {
    if (error instanceof ApiError && error.status === NOT_FOUND) return null;
    throw error;
  }
}
