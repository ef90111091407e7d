/** Joins the comparison of runs to its address, and to the charts. */

import { Link } from "@tanstack/react-router";
import { type Change, changed } from "#base/change.ts";
import { SeriesPanels } from "#features/charts/series-panels.tsx";
import { ComparePage } from "#features/compare/compare-page.tsx";
import { compareRoute } from "./router.tsx";
import { SaveChartsOf } from "./save-charts.tsx";
import type { CompareSearch } from "./search.ts";

export function CompareRoutePage() {
  const { workspace, project } = compareRoute.useParams();
  const search = compareRoute.useSearch();
  const navigate = compareRoute.useNavigate();
  const change = (how: Change<CompareSearch>) => {
    // The browser's Back leads to the tab before; all else that one sets is no step of the way.
    const replace = changed(search, how).tab === search.tab;
    void navigate({ search: (held: CompareSearch) => changed(held, how), replace, resetScroll: false });
  };
  const name = `${workspace}/${project}`;
  return (
    <ComparePage
      key={name}
      project={name}
      view={search}
      onView={change}
      charts={(drawn, series) => (
        <SeriesPanels
          drawn={drawn}
          series={series}
          view={search}
          onView={change}
          empty="These runs have no metrics yet."
          tools={(shown, look) => (
            <SaveChartsOf project={name} drawn={drawn} paths={shown} look={look} search={search} />
          )}
        />
      )}
      runLink={(run, content) => (
        <Link to="/$workspace/$project/runs/$key" params={{ workspace, project, key: run.key }}>
          {content}
        </Link>
      )}
    />
  );
}
