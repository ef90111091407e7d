/** Fetches the buckets of series, many paths in one request. */

import { type Buckets, bucketsOf, columnsFrom } from "#base/buckets.ts";
import { COLUMNS_MEDIA_TYPE, decodeColumns } from "./columns.ts";
import { address, send } from "./request.ts";

/** Both ends included; null is open. */
export interface StepRange {
  readonly first: number | null;
  readonly last: number | null;
}

interface Waiting {
  readonly path: string;
  readonly resolve: (buckets: Buckets) => void;
  readonly reject: (reason: unknown) => void;
}

interface Group {
  readonly runId: string;
  readonly range: StepRange | null;
  readonly waiting: Waiting[];
}

/** Panels that scroll into view together ask within a few milliseconds of each other. */
const GATHER_MS = 8;
/** Keeps an address well below the 8 kB that proxies accept, and lets the first panels draw early. */
const MAX_PATHS = 16;
/** About one bucket per two device pixels of a wide panel. */
const MAX_BUCKETS = 1000;

export class BucketLoader {
  readonly #fetch: (url: string) => Promise<ArrayBuffer>;
  readonly #groups = new Map<string, Group>();

  constructor(fetch: (url: string) => Promise<ArrayBuffer> = fetchColumns) {
    this.#fetch = fetch;
  }

  /** The buckets of one series; empty if it does not exist. */
  load(runId: string, path: string, range: StepRange | null): Promise<Buckets> {
    return new Promise((resolve, reject) => {
      const key = `${runId} ${range?.first ?? ""} ${range?.last ?? ""}`;
      let group = this.#groups.get(key);
      if (group === undefined) {
        group = { runId, range, waiting: [] };
        this.#groups.set(key, group);
        setTimeout(() => this.#send(key), GATHER_MS);
      }
      group.waiting.push({ path, resolve, reject });
      if (group.waiting.length >= MAX_PATHS) this.#send(key);
    });
  }

  #send(key: string): void {
    const group = this.#groups.get(key);
    if (group === undefined) return;
    this.#groups.delete(key);
    void this.#answer(group);
  }

  async #answer({ runId, range, waiting }: Group): Promise<void> {
    try {
      const url = address("/api/v1/series/buckets", {
        run: runId,
        path: [...new Set(waiting.map(({ path }) => path))],
        first_step: range?.first,
        last_step: range?.last,
        max_buckets: MAX_BUCKETS,
      });
      const series = decodeColumns(await this.#fetch(url));
      const found = new Map(series.map(({ path, buckets }) => [path, buckets]));
      const position = series[0]?.buckets.position ?? 0;
      const empty = () =>
        bucketsOf(
          columnsFrom(() => new Float64Array(0)),
          0,
          position,
        );
      for (const { path, resolve } of waiting) resolve(found.get(path) ?? empty());
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}

async function fetchColumns(url: string): Promise<ArrayBuffer> {
  const response = await send(url, { headers: { accept: COLUMNS_MEDIA_TYPE } });
  return response.arrayBuffer();
}
