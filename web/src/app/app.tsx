/** Everything around the pages: theme, caches, sign-in. */

import { MantineProvider } from "@mantine/core";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { type Api, ApiProvider } from "#api/provider.tsx";
import { useSession } from "#api/queries.ts";
import type { AppRouter } from "./router.tsx";
import { SignInPage } from "./sign-in-page.tsx";
import { theme } from "./theme.ts";

interface AppProps {
  readonly api: Api;
  readonly client: QueryClient;
  readonly router: AppRouter;
}

export function App({ api, client, router }: AppProps) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <ApiProvider api={api}>
          <Gate router={router} />
        </ApiProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** Pages are shown at once; only when the server says that it wants a token do they give way to the question for it. */
function Gate({ router }: { readonly router: AppRouter }) {
  const { data: session } = useSession();
  if (session?.token_required === true && !session.signed_in) return <SignInPage />;
  return <RouterProvider router={router} />;
}
