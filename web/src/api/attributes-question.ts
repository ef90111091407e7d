/** Which attributes of a run are asked for. Pure. */

import type { AttributeInfo, Kind } from "./types.ts";

/** Which attributes of a run; without anything, all of them. */
export interface AttributesQuestion {
  /** A path, and what is below it. */
  readonly below?: string;
  /** What stands somewhere in the path, whatever the case. */
  readonly search?: string;
  readonly kinds?: readonly Kind[];
}

/** What the client and the server say of a run. */
export const SYSTEM: AttributesQuestion = { below: "sys" };

/** Kinds of attributes that hold one value. */
export const VALUE_KINDS: readonly Kind[] = ["bool", "int", "float", "string", "datetime", "string_set"];

/** What is said once of each process that wrote to a run. */
export const PROCESS_FACTS: AttributesQuestion = { below: "monitoring", kinds: VALUE_KINDS };

/** Whether `asked` is about `attribute`. */
export function isAbout({ below, search, kinds }: AttributesQuestion, { path, kind }: AttributeInfo): boolean {
  return (
    (below === undefined || path === below || path.startsWith(`${below}/`)) &&
    (search === undefined || path.toLowerCase().includes(search.toLowerCase())) &&
    (kinds === undefined || kinds.includes(kind))
  );
}
