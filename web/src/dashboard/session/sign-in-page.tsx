import { useState, type FormEvent } from "react";
import { Button } from "../parts/button.js";
import { ProblemNote } from "../parts/notes.js";
import { readSettings, type Identity } from "../settings.js";
import { setPassword, signIn, type SignIn } from "./cognito.js";
import { session } from "./use-session.js";

/** Where people come who have no token, or no longer one. */
export function SignInPage({ hasEnded }: { readonly hasEnded: boolean }) {
  const { identity } = readSettings();
  return (
    <main className="sign-in">
      <img src={new URL("../icon.svg", import.meta.url).href} alt="" width={48} height={48} />
      <h1>Jobmill</h1>
      {hasEnded && <p role="status">Your session is over. Sign in again: you will be back where you were.</p>}
      {identity && <PoolForm identity={identity} />}
      <TokenForm isOnlyWay={identity === null} />
    </main>
  );
}

/** Signing in by the stack's own user pool. */
function PoolForm({ identity }: { readonly identity: Identity }) {
  const [challenge, setChallenge] = useState<Extract<SignIn, { kind: "new-password" }> | null>(null);
  const { problem, isBusy, submit } = useSubmit(async (form) => {
    const password = String(form.get("password"));
    const next = challenge
      ? await setPassword(identity, challenge, password)
      : await signIn(identity, String(form.get("user")), password);
    if (next.kind === "new-password") setChallenge(next);
    else session.begin(next.idToken, next.refreshToken);
  });
  return (
    <form onSubmit={submit} key={challenge ? "new-password" : "sign-in"}>
      {challenge ? (
        <p>Choose a password of your own: at least 12 characters.</p>
      ) : (
        <label>
          User name
          <input name="user" autoComplete="username" required autoCapitalize="none" />
        </label>
      )}
      <label>
        {challenge ? "New password" : "Password"}
        <input
          name="password"
          type="password"
          autoComplete={challenge ? "new-password" : "current-password"}
          required
          minLength={challenge ? 12 : undefined}
        />
      </label>
      <ProblemNote error={problem} />
      <Button kind="primary" type="submit" isBusy={isBusy}>
        {challenge ? "Set password and sign in" : "Sign in"}
      </Button>
    </form>
  );
}

/** Signing in with a token that was got elsewhere. */
function TokenForm({ isOnlyWay }: { readonly isOnlyWay: boolean }) {
  const { problem, isBusy, submit } = useSubmit(async (form) =>
    session.begin(
      String(form.get("token"))
        .trim()
        .replace(/^Bearer\s+/i, ""),
    ),
  );
  const form = (
    <form onSubmit={submit}>
      <label>
        ID token
        <textarea name="token" rows={4} required spellCheck={false} autoComplete="off" />
      </label>
      <ProblemNote error={problem} />
      <Button type="submit" kind={isOnlyWay ? "primary" : "plain"} isBusy={isBusy}>
        Use this token
      </Button>
    </form>
  );
  if (isOnlyWay) return form;
  return (
    <details>
      <summary>Use a token instead</summary>
      {form}
    </details>
  );
}

function useSubmit(work: (form: FormData) => Promise<void>) {
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  async function run(form: FormData) {
    setBusy(true);
    setProblem(null);
    try {
      await work(form);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    void run(new FormData(event.currentTarget));
  }
  return { problem, isBusy, submit };
}
