/** The address of all pages about models: which one it is stands behind the question mark. */

import { FolderModelView, LoggedModelView } from "#features/models/logged-model.tsx";
import { ModelsPage } from "#features/models/models-page.tsx";
import { RegisteredModelView } from "#features/models/registered-model.tsx";
import { modelsRoute } from "./router.tsx";

export function ModelsRoutePage() {
  const { name, version, logged, run, path, search } = modelsRoute.useSearch();
  const navigate = modelsRoute.useNavigate();
  if (name !== undefined) return <RegisteredModelView name={name} version={version} />;
  if (logged !== undefined) return <LoggedModelView id={logged} />;
  if (run !== undefined && path !== undefined) return <FolderModelView runId={run} path={path} />;
  return (
    <ModelsPage
      words={search ?? ""}
      onWords={(words) => void navigate({ search: { search: words || undefined }, replace: true, resetScroll: false })}
    />
  );
}
