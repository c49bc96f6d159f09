import { useState, type FormEvent } from "react";

import { isSignedOut } from "../../api/queryClient";
import { useSignIn } from "../../api/queries/session";
import { Button } from "../../shared/ui/Button";
import { usePageTitle } from "../../shared/usePageTitle";
import styles from "./SignInPage.module.css";

export function SignInPage() {
  const [token, setToken] = useState("");
  const signIn = useSignIn();
  usePageTitle("Sign in");

  function submit(event: FormEvent) {
    event.preventDefault();
    if (token.trim()) signIn.mutate(token.trim());
  }

  const problem = signIn.error
    ? isSignedOut(signIn.error)
      ? "This token is not known here. Check that all of it was pasted."
      : signIn.error.message
    : "";
  return (
    <main className={styles.page}>
      <form onSubmit={submit} className={styles.card}>
        <h1>Sign in to Gyre</h1>
        <label htmlFor="token">API token</label>
        <input
          id="token"
          type="password"
          autoComplete="current-password"
          spellCheck={false}
          required
          value={token}
          onChange={(event) => setToken(event.target.value)}
          aria-invalid={problem !== "" || undefined}
          aria-describedby="token-help token-problem"
        />
        <p id="token-problem" role="alert" className={styles.problem}>
          {problem}
        </p>
        <Button type="submit" kind="primary" busy={signIn.isPending}>
          Sign in
        </Button>
        <p id="token-help" className={styles.help}>
          The administrator’s token was printed when <code>gyre server</code> started for the first time.
        </p>
      </form>
    </main>
  );
}
