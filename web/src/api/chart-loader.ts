/** Fetches what charts draw; panels that ask together share a request. */

import type { Beside, SeriesRange } from "#base/series-range.ts";
import { COLUMNS_MEDIA_TYPE } from "./columns.ts";
import { address, send } from "./request.ts";

/** What is asked of the server about one path. */
export interface ChartQuestion {
  /** The last segment of the route: buckets of each run, runs as one group, or series over the series `over`. */
  readonly of: "buckets" | "groups" | "crossed";
  readonly runIds: readonly string[];
  readonly path: string;
  readonly range: SeriesRange | null;
  readonly maxBuckets: number;
  readonly over?: string | undefined;
  /** Of buckets in a range. */
  readonly beside?: Beside | undefined;
}

interface Waiting {
  readonly path: string;
  readonly resolve: (body: ArrayBuffer) => void;
  readonly reject: (reason: unknown) => void;
}

interface Group {
  readonly question: ChartQuestion;
  readonly waiting: Waiting[];
}

/** Panels that scroll into view together ask within a few milliseconds of each other. */
const GATHER_MS = 8;
/** Keeps an address well below the 8 kB that proxies accept, and lets the first panels draw early. */
const MAX_PATHS = 16;
/** The server answers at most 256 series at once, of groups 1,024; half of the former are several megabytes already. */
const MAX_SERIES = 128;

export class ChartLoader {
  readonly #fetch: (url: string) => Promise<ArrayBuffer>;
  readonly #groups = new Map<string, Group>();

  constructor(fetch: (url: string) => Promise<ArrayBuffer> = fetchColumns) {
    this.#fetch = fetch;
  }

  /** Answers to `question`, whose tables may be of other paths too; several if the runs are more than one can ask of. */
  load(question: ChartQuestion): Promise<ArrayBuffer[]> {
    // A group must stay whole; it is one line, whatever its size.
    const size = question.of === "groups" ? question.runIds.length : MAX_SERIES;
    const parts: Promise<ArrayBuffer>[] = [];
    for (let from = 0; from < question.runIds.length; from += size) {
      parts.push(this.#gather({ ...question, runIds: question.runIds.slice(from, from + size) }));
    }
    return Promise.all(parts);
  }

  #gather(question: ChartQuestion): Promise<ArrayBuffer> {
    const { of, runIds, path, range, maxBuckets, over, beside } = question;
    const key = JSON.stringify([of, runIds, range, maxBuckets, over, beside]);
    const mostPaths = Math.max(1, Math.min(MAX_PATHS, Math.floor(MAX_SERIES / runIds.length)));
    return new Promise((resolve, reject) => {
      let group = this.#groups.get(key);
      if (group === undefined) {
        group = { question, waiting: [] };
        this.#groups.set(key, group);
        setTimeout(() => this.#send(key), GATHER_MS);
      }
      group.waiting.push({ path, resolve, reject });
      if (group.waiting.length >= mostPaths) this.#send(key);
    });
  }

  #send(key: string): void {
    const group = this.#groups.get(key);
    if (group === undefined) return;
    this.#groups.delete(key);
    void this.#answer(group);
  }

  async #answer({ question, waiting }: Group): Promise<void> {
    const { of, runIds, range, maxBuckets, over, beside } = question;
    const by = range?.by === "step" ? "step" : "time";
    try {
      const url = address(`/api/v1/series/${of}`, {
        run: runIds,
        path: [...new Set(waiting.map(({ path }) => path))],
        over,
        [`first_${by}`]: range?.first,
        [`last_${by}`]: range?.last,
        time_zero: range?.by === "relative" ? "creation" : null,
        max_buckets: maxBuckets,
        points_before: beside?.before,
        points_after: beside?.after,
      });
      const body = await this.#fetch(url);
      for (const { resolve } of waiting) resolve(body);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}

async function fetchColumns(url: string): Promise<ArrayBuffer> {
  const response = await send(url, { headers: { accept: COLUMNS_MEDIA_TYPE } });
  return response.arrayBuffer();
}
