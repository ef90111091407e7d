/** Hands the API's two long-lived parts to components, so that no module holds them. */

import { createContext, type ReactNode, use, useSyncExternalStore } from "react";
import type { ChartLoader } from "./chart-loader.ts";
import type { StreamState } from "./event-stream.ts";
import type { LiveState } from "./live-state.ts";

export interface Api {
  readonly charts: ChartLoader;
  readonly live: LiveState;
}

const ApiContext = createContext<Api | null>(null);

export function ApiProvider({ api, children }: { readonly api: Api; readonly children: ReactNode }) {
  return <ApiContext value={api}>{children}</ApiContext>;
}

export function useApi(): Api {
  const api = use(ApiContext);
  if (api === null) throw new Error("No API was handed in. Put the component below an ApiProvider.");
  return api;
}

export function useLiveState(): StreamState | null {
  const { live } = useApi();
  return useSyncExternalStore(live.subscribe, live.get);
}
