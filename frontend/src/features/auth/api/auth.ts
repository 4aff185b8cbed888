/** Signing up, in and out. */
import { type Act, api, as, unwrap } from "@/lib/api/client";
import { Refused } from "@/lib/api/problem";
import type { components } from "@/lib/api/types";
import { signedIn, signedOut } from "@/lib/session";

type Schemas = components["schemas"];

export async function signUp(body: Schemas["Registration"], act: Act): Promise<void> {
  signedIn(await unwrap(api.POST("/api/auth/register", { body, ...as(act) })));
}

export async function signIn(body: Schemas["Credentials"], act: Act): Promise<void> {
  signedIn(await unwrap(api.POST("/api/auth/login", { body, ...as(act) })));
}

/** The session is closed on the log; this device forgets it only once that is so. */
export async function signOut(_: undefined, act: Act): Promise<void> {
  await unwrap(api.POST("/api/auth/logout", as(act))).catch((error: unknown) => {
    if (!(error instanceof Refused && error.status === 401)) throw error; // 401: it was closed already
  });
  signedOut();
}
