/** Starts the app: makes the long-lived parts and hands them in. */

import { QueryCache, QueryClient } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ChartLoader } from "#api/chart-loader.ts";
import { keys } from "#api/keys.ts";
import { LiveState } from "#api/live-state.ts";
import { ApiError } from "#api/request.ts";
import type { Session } from "#api/types.ts";
import { App } from "./app.tsx";
import { renewWhenPartsAreGone } from "./renewal.ts";
import { createAppRouter } from "./router.tsx";
import "@mantine/core/styles.css";
import "./global.css";

const UNAUTHORIZED = 401;
const MAX_RETRIES = 2;
/** A server that is started anew, or a proxy that waits for it. */
const AWAY: readonly number[] = [0, 502, 503, 504];
const ASK_AGAIN_MS = 3_000;

const client = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (!(error instanceof ApiError) || error.status !== UNAUTHORIZED) return;
      client.setQueryData<Session>(keys.session(), (held) => ({
        version: held?.version ?? "",
        token_required: true,
        signed_in: false,
      }));
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the server refused it refuses again; only a lost connection is worth another try.
      retry: (failures, error) => failures < MAX_RETRIES && error instanceof ApiError && error.status === 0,
      // When the server is back, what it was asked in vain comes by itself.
      refetchInterval: ({ state: { error } }) =>
        error instanceof ApiError && AWAY.includes(error.status) ? ASK_AGAIN_MS : false,
    },
  },
});

renewWhenPartsAreGone(window, Date.now);

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no element with id root. Restore it in index.html.");
createRoot(root).render(
  <StrictMode>
    <App api={{ charts: new ChartLoader(), live: new LiveState() }} client={client} router={createAppRouter()} />
  </StrictMode>,
);
