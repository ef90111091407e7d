/** YAML as the files of a model have it, with all scalars as text: a version 3.10 is no number. */

import { parse } from "yaml";

export type Yaml = string | null | readonly Yaml[] | { readonly [key: string]: Yaml };

/** What a text says, all scalars as text but for null; null if it is no YAML, which a page could not mend. */
export function parseYaml(text: string): Yaml {
  try {
    return parse(text, { schema: "failsafe", customTags: ["null"], prettyErrors: false, logLevel: "error" }) as Yaml;
  } catch {
    return null;
  }
}
