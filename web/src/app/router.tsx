/** The addresses of the app. Pages are loaded when they are first shown. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { CrashPage, NotFoundPage } from "./not-found-page.tsx";
import { compareSearch, parseSearch, runSearch, runsSearch, stringifySearch } from "./search.ts";
import { Shell } from "./shell.tsx";

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });

const projectsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  component: lazyRouteComponent(() => import("#features/projects/projects-page.tsx"), "ProjectsPage"),
});

export const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/$workspace/$project",
  validateSearch: runsSearch,
  component: lazyRouteComponent(() => import("./runs-route.tsx"), "RunsRoutePage"),
});

export const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/$workspace/$project/runs/$key",
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import("./run-route.tsx"), "RunRoutePage"),
});

export const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/$workspace/$project/compare",
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import("./compare-route.tsx"), "CompareRoutePage"),
});

const routeTree = rootRoute.addChildren([projectsRoute, runsRoute, runRoute, compareRoute]);

export function createAppRouter() {
  return createRouter({
    routeTree,
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultErrorComponent: CrashPage,
    scrollRestoration: true,
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
}
