/** Making an account. */
import { type RefObject, useRef, useState } from "react";

import { Button } from "@/components/button";
import { ErrorNote } from "@/components/error-note";
import { Field } from "@/components/field";
import { Refused } from "@/lib/api/problem";
import { useAct } from "@/lib/api/use-act";
import { useSecondsUntil } from "@/lib/clock";

import { signUp } from "../api/auth";

const FIELDS = ["name", "handle", "email", "password"] as const;
type Name = (typeof FIELDS)[number];
type Values = Record<Name, string>;

export function SignUpForm({ onDone }: { onDone: () => void }) {
  const [values, setValues] = useState<Values>({ name: "", handle: "", email: "", password: "" });
  const [own, setOwn] = useState<Partial<Values>>({});
  const form = useRef<HTMLFormElement>(null);
  const act = useAct(signUp, {
    onSuccess: onDone,
    onError: (error) => {
      if (error instanceof Refused) focusFirst(form, FIELDS.filter((name) => blame(error, name) !== undefined));
    },
  });
  const { error } = act;
  const refused = error instanceof Refused ? error : null;
  const wait = useSecondsUntil(refused?.retryAt ?? null);
  const placed = refused !== null && FIELDS.some((name) => blame(refused, name) !== undefined);

  const field = (name: Name) => ({
    name,
    value: values[name],
    onText: (text: string) => {
      setValues({ ...values, [name]: text });
      setOwn({ ...own, [name]: undefined });
      if (placed) act.reset();
    },
    error: own[name] ?? (refused ? blame(refused, name) : undefined),
  });

  return (
    <form
      className="stack"
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (act.isPending) return;
        const found = check(values);
        setOwn(found);
        const first = FIELDS.filter((name) => found[name] !== undefined);
        if (first.length > 0) focusFirst(form, first);
        else act.mutate({ handle: values.handle.trim().toLowerCase(), email: values.email.trim(), password: values.password, ...(values.name.trim() && { name: values.name.trim() }) });
      }}
    >
      <Field label="Name" autoComplete="name" maxLength={50} hint="What readers see. You can leave it empty." {...field("name")} />
      <Field
        label="Handle"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={30}
        required
        before="@"
        hint="3 to 30 letters a–z, digits or _. Your page will be at this address."
        {...field("handle")}
      />
      <Field label="E-mail" type="email" autoComplete="email" required hint="Nobody else sees it." {...field("email")} />
      <Field label="Password" type="password" autoComplete="new-password" required hint="At least 10 characters. A sentence is good." {...field("password")} />
      {error && !placed && <ErrorNote error={error} />}
      <Button className="btn primary wide" type="submit" busy={act.isPending} disabled={wait > 0}>
        Sign up
      </Button>
    </form>
  );
}

/** What the service says about a field: a taken handle or address comes as a conflict. */
function blame(error: Refused, name: Name): string | undefined {
  const found = error.field(name);
  if (found !== undefined || error.status !== 409) return found;
  if (name === "handle" && error.code === "handle-taken") return "This handle is taken.";
  if (name === "email" && error.code === "email-taken") return "There is an account with this address already.";
  return undefined;
}

function check({ handle, email, password }: Values): Partial<Values> {
  const found: Partial<Values> = {};
  if (!/^[a-z0-9_]{3,30}$/i.test(handle.trim())) found.handle = "3 to 30 letters a–z, digits or _, please.";
  if (!/^\S+@\S+$/.test(email.trim())) found.email = "This does not look like an e-mail address.";
  if (Array.from(password).length < 10) found.password = "At least 10 characters, please.";
  else if (new TextEncoder().encode(password).length > 72) found.password = "That is too long: 72 bytes at most.";
  return found;
}

function focusFirst(form: RefObject<HTMLFormElement | null>, names: readonly Name[]): void {
  const first = names[0];
  if (first !== undefined) form.current?.querySelector<HTMLInputElement>(`[name="${first}"]`)?.focus();
}
