/** The frame of every page: where one is, whether it is live, light or dark; the palette and the list of shortcuts. */

import { Link, Outlet, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { SearchIcon } from "#widgets/icons.tsx";
import { LiveIndicator } from "./live-indicator.tsx";
import { Logo } from "./logo.tsx";
import styles from "./shell.module.css";
import { ThemeMenu } from "./theme-menu.tsx";

const Palette = lazy(async () => ({ default: (await import("./palette.tsx")).Palette }));
const Shortcuts = lazy(async () => ({ default: (await import("./shortcuts.tsx")).Shortcuts }));

type Open = "palette" | "shortcuts" | null;

export function Shell() {
  const [open, setOpen] = useState<Open>(null);
  useShellKeys(setOpen);
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className={styles.header}>
        <Link to="/" className={styles.brand} aria-label="Marigram, home">
          <Logo />
          <span className={styles.name}>Marigram</span>
        </Link>
        <Trail />
        <div className={styles.tools}>
          <button
            type="button"
            className={styles.search}
            aria-keyshortcuts="Control+K Meta+K"
            data-testid="open-palette"
            onClick={() => setOpen("palette")}
          >
            <SearchIcon size={14} />
            <span className={styles.searchWords}>Search</span>
            <kbd className={styles.searchKeys}>Ctrl K</kbd>
          </button>
          <LiveIndicator />
          <ThemeMenu />
        </div>
      </header>
      <main id="main" className={styles.main}>
        <Outlet />
      </main>
      <Suspense>
        {open === "palette" && <Palette onClose={() => setOpen(null)} onShortcuts={() => setOpen("shortcuts")} />}
        {open === "shortcuts" && <Shortcuts onClose={() => setOpen(null)} />}
      </Suspense>
    </>
  );
}

/** Ctrl+K, or ⌘K, opens the palette wherever one is; `?` lists the shortcuts unless one is typing. */
function useShellKeys(onOpen: (open: Open) => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : null;
      const isTyping = (target?.closest("input, textarea, select, [contenteditable]") ?? null) !== null;
      const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      if (isCommand && event.key.toLowerCase() === "k") onOpen("palette");
      else if (event.key === "?" && !isTyping && !event.ctrlKey && !event.metaKey) onOpen("shortcuts");
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [onOpen]);
}

function Trail() {
  const { workspace, project, key } = useParams({ strict: false });
  if (workspace === undefined || project === undefined) return <div className={styles.trail} />;
  return (
    <nav className={styles.trail} aria-label="Where you are">
      <span className={styles.slash}>/</span>
      <Link to="/$workspace/$project" params={{ workspace, project }} className={styles.crumb}>
        <span className={styles.workspace}>{workspace}/</span>
        {project}
      </Link>
      {key === undefined && (
        <Link to="/$workspace/$project/dashboards" params={{ workspace, project }} className={styles.beside}>
          Dashboards
        </Link>
      )}
      {key !== undefined && (
        <>
          <span className={styles.slash}>/</span>
          <span className={styles.here} aria-current="page">
            {key}
          </span>
        </>
      )}
    </nav>
  );
}
