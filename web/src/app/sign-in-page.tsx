/** Asks for a token when the server wants one. */

import { Button, PasswordInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { signIn } from "#api/queries.ts";
import { ApiError } from "#api/request.ts";
import { Logo } from "./logo.tsx";
import styles from "./sign-in-page.module.css";

export function SignInPage() {
  const client = useQueryClient();
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await signIn(token.trim());
      await client.resetQueries();
    } catch (error) {
      const refused = error instanceof ApiError && (error.status === 401 || error.status === 403);
      const said = error instanceof Error ? error.message : String(error);
      setProblem(refused ? "The server does not know this token. Check that it was copied whole." : said);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className={styles.page}>
      <form className={styles.card} onSubmit={(event) => void submit(event)} data-testid="sign-in">
        <h1 className={styles.title}>
          <Logo /> Marigram
        </h1>
        <p className={styles.text}>
          This server asks for a token. Whoever runs it makes one with <code>marigram token create</code>.
        </p>
        <PasswordInput
          label="Token"
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          error={problem}
          autoComplete="current-password"
          data-autofocus
          required
        />
        <Button type="submit" loading={busy} disabled={token.trim() === ""} fullWidth>
          Sign in
        </Button>
      </form>
    </main>
  );
}
