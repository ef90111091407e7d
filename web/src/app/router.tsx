/** The addresses of the app. Pages are loaded when they are first shown. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { findRun } from "#api/queries.ts";
import { runOfPrintedLink } from "#base/foreign-client.ts";
import { CrashPage, NotFoundPage } from "./not-found-page.tsx";
import {
  compareSearch,
  dashboardSearch,
  homeSearch,
  modelsSearch,
  parseSearch,
  runSearch,
  runsSearch,
  stringifySearch,
} from "./search.ts";
import { Shell } from "./shell.tsx";

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });

export const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  validateSearch: homeSearch,
  beforeLoad: async ({ location }) => {
    const printed = runOfPrintedLink(location.hash);
    const run = printed === null ? null : await findRun(printed);
    const [workspace, project] = run?.project.split("/") ?? [];
    if (run === null || workspace === undefined || project === undefined) return;
    throw redirect({
      to: "/$workspace/$project/runs/$key",
      params: { workspace, project, key: run.key },
      replace: true,
    });
  },
  component: lazyRouteComponent(() => import("./home-route.tsx"), "HomeRoutePage"),
});

const connectRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/connect",
  component: lazyRouteComponent(() => import("#features/home/connect-page.tsx"), "ConnectPage"),
});

export const modelsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models",
  validateSearch: modelsSearch,
  component: lazyRouteComponent(() => import("./models-route.tsx"), "ModelsRoutePage"),
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

export const dashboardsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/$workspace/$project/dashboards",
  component: lazyRouteComponent(() => import("./dashboards-route.tsx"), "DashboardsRoutePage"),
});

export const dashboardRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/$workspace/$project/dashboards/$name",
  validateSearch: dashboardSearch,
  component: lazyRouteComponent(() => import("./dashboard-route.tsx"), "DashboardRoutePage"),
});

const routeTree = rootRoute.addChildren([
  homeRoute,
  connectRoute,
  modelsRoute,
  runsRoute,
  runRoute,
  compareRoute,
  dashboardsRoute,
  dashboardRoute,
]);

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
