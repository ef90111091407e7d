/** What the comparison of runs asks the server, as hooks over the query cache. */

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { keys } from "./keys.ts";
import { getExactJson, getJson, projectPath, runPath } from "./request.ts";
import type { AttributeInfo, AttributePage, Kind, Run, RunList, RunPage } from "./types.ts";

export interface ComparedRuns {
  /** In the order of their creation. */
  readonly runs: readonly Run[];
  /** What was asked for and is not there. */
  readonly missing: readonly string[];
  readonly isPending: boolean;
  readonly error: Error | null;
}

/** More names of runs would make an address that is too long for some proxies. */
const NAMES_PER_REQUEST = 200;

/** The runs of `project` by their ids or keys. */
export function useComparedRuns(project: string, wanted: readonly string[]): ComparedRuns {
  const { data, isPending, isPlaceholderData, error } = useQuery({
    queryKey: keys.comparedRuns(project, wanted),
    queryFn: async ({ signal }) => {
      const parts: Promise<RunList>[] = [];
      for (let from = 0; from < wanted.length; from += NAMES_PER_REQUEST) {
        const run = wanted.slice(from, from + NAMES_PER_REQUEST);
        parts.push(getJson<RunList>(`${projectPath(project)}/compared`, { run }, signal));
      }
      return (await Promise.all(parts)).flatMap(({ runs }) => runs);
    },
    enabled: wanted.length > 0,
    staleTime: 10_000,
    placeholderData: keepPreviousData,
  });
  const shape = (data ?? []).map(({ id, status, name }) => `${id} ${status} ${name}`).join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: a heartbeat brings a new list of the same runs.
  const runs = useMemo(() => {
    const names = new Set(wanted);
    const unique = new Map((data ?? []).map((run) => [run.id, run]));
    return (
      [...unique.values()]
        // Until the answer is there, those that were removed are in the one before.
        .filter(({ id, key }) => names.has(id) || names.has(key))
        .sort((a, b) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1))
    );
  }, [shape, wanted]);
  const found = new Set(runs.flatMap(({ id, key }) => [id, key]));
  return {
    runs,
    missing: data === undefined || isPlaceholderData ? [] : wanted.filter((name) => !found.has(name)),
    isPending: isPending && wanted.length > 0,
    error,
  };
}

/** A query has at most 100 conditions. */
const KEYS_PER_QUERY = 90;

/** What runs have at paths, by path and by run id. */
export type ValuesAt = ReadonlyMap<string, ReadonlyMap<string, AttributeInfo>>;

/** The attributes at `paths` of each run that has them; nothing is asked while there are no paths. */
export function useValuesAt(project: string, runs: readonly Run[], paths: readonly string[]) {
  const runKeys = runs.map(({ key }) => key);
  return useQuery({
    queryKey: keys.values(project, runKeys, paths),
    queryFn: async ({ signal }): Promise<ValuesAt> => {
      const values = new Map(paths.map((path) => [path, new Map<string, AttributeInfo>()]));
      for (let from = 0; from < runKeys.length; from += KEYS_PER_QUERY) {
        const some = runKeys.slice(from, from + KEYS_PER_QUERY);
        const query = some.map((key) => `\`sys/id\` = "${key}"`).join(" OR ");
        const question = { query, column: paths, limit: KEYS_PER_QUERY };
        const page = await getExactJson<RunPage>(`${projectPath(project)}/runs`, question, signal);
        for (const { run, cells } of page.rows) {
          for (const [path, cell] of Object.entries(cells)) values.get(path)?.set(run.id, cell);
        }
      }
      return values;
    },
    enabled: paths.length > 0 && runKeys.length > 0,
    placeholderData: keepPreviousData,
  });
}

/** The attribute at `path` of each run that has it, by run id; nothing is asked while `path` is empty. */
export function useValues(project: string, runs: readonly Run[], path: string) {
  const paths = useMemo(() => (path === "" ? [] : [path]), [path]);
  const { data, ...others } = useValuesAt(project, runs, paths);
  return { ...others, data: data?.get(path) };
}

const MOST_AXES = 8;
const AXIS_KINDS: readonly Kind[] = ["bool", "int", "float", "string", "float_series"];

/** The attributes that the server would choose as columns: those that differ between runs before results. */
export function useChosenPaths(project: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.chosenPaths(project),
    queryFn: async ({ signal }) => {
      const { columns } = await getJson<RunPage>(`${projectPath(project)}/runs`, { limit: 1 }, signal);
      const fit = columns.filter(({ kind }) => AXIS_KINDS.includes(kind));
      const isSeries = (kind: Kind) => kind === "float_series";
      return [...fit.filter(({ kind }) => !isSeries(kind)), ...fit.filter(({ kind }) => isSeries(kind))]
        .map(({ path }) => path)
        .slice(0, MOST_AXES);
    },
    enabled,
    staleTime: 60_000,
  });
}

const COMPARED_PER_PAGE = 200;

/** One page of attributes of each run. A cursor says where the next page of a run begins; null is its end. */
export interface ComparedPage {
  readonly attributes: ReadonlyMap<string, readonly AttributeInfo[]>;
  readonly cursors: ReadonlyMap<string, string | null>;
}

/** Attributes of `runIds` side by side, page by page; `search` narrows them on the server. */
export function useComparedAttributes(runIds: readonly string[], search: string) {
  return useInfiniteQuery({
    queryKey: keys.compared(runIds, search),
    queryFn: async ({ pageParam, signal }): Promise<ComparedPage> => {
      const due = runIds.filter((id) => pageParam === null || typeof pageParam.get(id) === "string");
      const pages = await Promise.all(
        due.map(async (id) => {
          const question = { limit: COMPARED_PER_PAGE, search: search || null, cursor: pageParam?.get(id) ?? null };
          return [id, await getExactJson<AttributePage>(`${runPath(id)}/attributes`, question, signal)] as const;
        }),
      );
      return {
        attributes: new Map(pages.map(([id, page]) => [id, page.attributes])),
        cursors: new Map(pages.map(([id, page]) => [id, page.cursor])),
      };
    },
    initialPageParam: null as ReadonlyMap<string, string | null> | null,
    getNextPageParam: ({ cursors }) => ([...cursors.values()].some((cursor) => cursor !== null) ? cursors : null),
    enabled: runIds.length > 0,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
    staleTime: 30_000,
  });
}
