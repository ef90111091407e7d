/** How a script gets its runs onto this server, client by client. */

import { useEffect } from "react";
import { useSession } from "#api/queries.ts";
import { environmentFor, INSTALL_CLIENT, mlflowFor, neptuneFor, programFor } from "#base/client-lines.ts";
import { CodeStep } from "#widgets/code-step.tsx";
import styles from "./quick-start.module.css";

export function ConnectPage() {
  const { data: session } = useSession();
  const { origin } = window.location;
  useEffect(() => {
    document.title = "Connect · Marigram";
  }, []);
  return (
    <div className={styles.page} data-testid="connect">
      <h1 className={styles.title}>Connect a script</h1>
      <p className={styles.text}>This server is at {origin}. Everything below is written for it.</p>
      <CodeStep number={null} title="Once per machine: install the client" text={INSTALL_CLIENT} />
      <CodeStep
        number={null}
        title="Name the server for all scripts"
        text={environmentFor(origin, session?.token_required === true)}
      />
      <h2 className={styles.client}>Marigram</h2>
      <CodeStep number={null} title="A script that logs" text={programFor(origin)} />
      <h2 className={styles.client}>Scripts that call MLflow</h2>
      <p className={styles.text}>
        MLflow's own client works as it is, 2.22 and 3.x: name this server as its tracking server.
      </p>
      <CodeStep
        number={null}
        title="Name the server, in the environment or in the script"
        text={mlflowFor(origin, session?.token_required === true)}
      />
      <h2 className={styles.client}>Scripts that call the Neptune client</h2>
      <p className={styles.text}>The calls are the same: change the import, and the runs come here.</p>
      <CodeStep number={null} title="Change the import" text={neptuneFor(origin)} />
    </div>
  );
}
