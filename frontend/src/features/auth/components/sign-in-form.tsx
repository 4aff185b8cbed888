/** Signing in with a handle or an e-mail address. */
import { useState } from "react";

import { Button } from "@/components/button";
import { ErrorNote } from "@/components/error-note";
import { Field } from "@/components/field";
import { Refused } from "@/lib/api/problem";
import { useAct } from "@/lib/api/use-act";
import { useSecondsUntil } from "@/lib/clock";

import { signIn } from "../api/auth";

export function SignInForm({ onDone }: { onDone: () => void }) {
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const act = useAct(signIn, { onSuccess: onDone });
  const { error } = act;
  const wrong = error instanceof Refused && error.status === 401;
  const wait = useSecondsUntil(error instanceof Refused ? error.retryAt : null);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!act.isPending) act.mutate({ login: login.trim(), password });
      }}
    >
      <Field label="Handle or e-mail" name="login" autoComplete="username" autoCapitalize="none" spellCheck={false} required value={login} onText={setLogin} />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onText={setPassword}
        error={wrong ? "Handle, e-mail or password is wrong." : undefined}
      />
      {error && !wrong && <ErrorNote error={error} />}
      <p className="hidden" role="alert">
        {wrong && "Handle, e-mail or password is wrong."}
      </p>
      <Button className="btn primary wide" type="submit" busy={act.isPending} disabled={wait > 0}>
        Sign in
      </Button>
    </form>
  );
}
