/** Joins home to its address. */

import { HomePage } from "#features/home/home-page.tsx";
import { homeRoute } from "./router.tsx";

export function HomeRoutePage() {
  const { search } = homeRoute.useSearch();
  const navigate = homeRoute.useNavigate();
  return (
    <HomePage
      words={search ?? ""}
      onWords={(words) => void navigate({ search: { search: words || undefined }, replace: true, resetScroll: false })}
    />
  );
}
