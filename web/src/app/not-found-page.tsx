/** Pages for addresses that lead nowhere and for defects of the app itself. */

import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { EmptyState } from "#widgets/empty-state.tsx";

export function NotFoundPage() {
  return (
    <EmptyState isPage title="There is no page at this address">
      Check the address, or go to <Link to="/">all projects</Link>.
    </EmptyState>
  );
}

export function CrashPage({ error }: { readonly error: unknown }) {
  return (
    <EmptyState isPage title="This page broke">
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <Button size="xs" variant="default" onClick={() => window.location.reload()}>
        Reload the page
      </Button>
    </EmptyState>
  );
}
