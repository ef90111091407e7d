/** The frame of every page: where one is, whether it is live, light or dark. */

import { Link, Outlet, useParams } from "@tanstack/react-router";
import { LiveIndicator } from "./live-indicator.tsx";
import { Logo } from "./logo.tsx";
import styles from "./shell.module.css";
import { ThemeMenu } from "./theme-menu.tsx";

export function Shell() {
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className={styles.header}>
        <Link to="/" className={styles.brand} aria-label="Marigram, all projects">
          <Logo />
          <span className={styles.name}>Marigram</span>
        </Link>
        <Trail />
        <div className={styles.tools}>
          <LiveIndicator />
          <ThemeMenu />
        </div>
      </header>
      <main id="main" className={styles.main}>
        <Outlet />
      </main>
    </>
  );
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
