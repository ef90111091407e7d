/** Views that are saved on the server, for all who see the project. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { keys } from "./keys.ts";
import { getJson, projectPath, putJson, send } from "./request.ts";
import type { View, ViewKind, ViewList } from "./types.ts";

/** The server refuses longer names, and names with a slash. */
export const VIEW_NAME_LENGTH = 80;

/** What is wrong with a view's name; null if nothing is. */
export function nameProblem(name: string): string | null {
  if (name.includes("/")) return "A name has no slash.";
  return name === "." || name === ".." ? "Use a name of more than dots." : null;
}

/** The saved views of a project in order of name, and how to change them. */
export function useViews(project: string, kind: ViewKind) {
  const client = useQueryClient();
  const queryKey = keys.views(project, kind);
  const { data, error, isPending, refetch } = useQuery({
    queryKey,
    queryFn: async ({ signal }) => (await getJson<ViewList>(address(project, kind), {}, signal)).views,
  });
  const put = (change: (held: readonly View[]) => View[]) =>
    client.setQueryData<readonly View[]>(queryKey, (held) => change(held ?? []));
  return {
    views: data,
    error,
    isPending,
    refetch,
    /**
     * Save a view in place of the one of this name, and return it as the server keeps it. With `insteadOf`, only in
     * place of the one that was saved then; if it is another by now, it fails with the code `view_changed`.
     */
    save: async (name: string, content: object, insteadOf: number | null = null): Promise<View> => {
      const body = { content: JSON.stringify(content), instead_of: insteadOf };
      const saved = await putJson<View>(`${address(project, kind)}/${encodeURIComponent(name)}`, body);
      put((held) => [...held.filter((view) => view.name !== name), saved].sort((a, b) => (a.name < b.name ? -1 : 1)));
      return saved;
    },
    remove: async (name: string) => {
      await send(`${address(project, kind)}/${encodeURIComponent(name)}`, { method: "DELETE" });
      put((held) => held.filter((view) => view.name !== name));
    },
  };
}

function address(project: string, kind: ViewKind): string {
  return `${projectPath(project)}/views/${kind}`;
}

/** What a view holds; an empty object if it is none that this app has written. */
export function contentOf(view: View): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = JSON.parse(view.content);
    return typeof content === "object" && content !== null ? (content as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
