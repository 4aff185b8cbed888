/**
 * Who is signed in here.
 *
 * The access token lives in this page's memory alone. It is renewed by the HttpOnly refresh cookie, by one tab at a time,
 * since a refresh token that is shown twice closes the session.
 */
import type { components } from "./api/types";
import { unread } from "./api/unread";
import { patience } from "./patience";
import { Store } from "./store";
import { device } from "./storage";

type User = components["schemas"]["User"];
type Reply = components["schemas"]["Session"];

export type Session =
  | { state: "unknown"; user: User | null }
  | { state: "in"; user: User; token: string; expiresAt: number }
  | { state: "out"; user: null };

/** Who was signed in last: shown until we know better, and the reason to ask at all. */
const HINT = "inkstream.user";
/** Set by auth_service beside the refresh cookie, readable, without a secret. */
const MARKER = /(?:^|; )inkstream_signed_in=1/;
const EARLY = 15_000;

export const session = new Store<Session>({ state: "unknown", user: remembered() });

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("inkstream.session");

function remembered(): User | null {
  try {
    return JSON.parse(device.read(HINT) ?? "null") as User | null;
  } catch {
    return null;
  }
}

export function signedIn(reply: Reply, announce = true): void {
  device.write(HINT, JSON.stringify(reply.user));
  session.set({ state: "in", user: reply.user, token: reply.access_token, expiresAt: Date.now() + reply.expires_in * 1000 });
  if (announce) channel?.postMessage("in");
}

export function signedOut(announce = true): void {
  device.remove(HINT);
  session.set({ state: "out", user: null });
  if (announce) channel?.postMessage("out");
}

/** The first question of every page: is there a session to go on with? */
export async function resume(): Promise<void> {
  if (session.get().state !== "unknown") return;
  if (session.get().user === null && !MARKER.test(document.cookie)) signedOut(false);
  else await refresh();
}

/** Settles once it is known who is signed in. */
export function settled(): Promise<Session> {
  return new Promise((resolve) => {
    const look = () => {
      const now = session.get();
      if (now.state === "unknown") return;
      stop();
      resolve(now);
    };
    const stop = session.watch(look);
    look();
  });
}

/** A token that will still be good when the request arrives, or none. */
export async function freshToken(): Promise<string | null> {
  let now = await settled();
  if (now.state === "in" && now.expiresAt - EARLY < Date.now()) {
    await refresh();
    now = session.get();
  }
  return now.state === "in" ? now.token : null;
}

let running: Promise<void> | null = null;

/** One refresh at a time, here and in all other tabs. */
export function refresh(): Promise<void> {
  running ??= alone(askForToken).finally(() => {
    running = null;
  });
  return running;
}

async function alone(work: () => Promise<void>): Promise<void> {
  if ("locks" in navigator) await navigator.locks.request("inkstream.refresh", work);
  else await work();
}

async function askForToken(): Promise<void> {
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  for (let turn = 0; ; turn++) {
    const reply = await fetch("/api/auth/refresh", { method: "POST", headers }).catch(() => null);
    if (reply?.ok) {
      signedIn((await reply.json()) as Reply, false);
      return;
    }
    unread(reply);
    if (reply && reply.status < 500 && reply.status !== 429) {
      signedOut(false);
      return;
    }
    const pause = patience.reads[turn];
    if (pause === undefined) break;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  // Nobody can say: a token that is still good goes on being used, otherwise the page is read signed out. The hint stays for next time.
  const now = session.get();
  if (now.state !== "in" || now.expiresAt < Date.now()) session.set({ state: "out", user: null });
}

channel?.addEventListener("message", ({ data }) => {
  if (data === "out") signedOut(false);
  else void refresh();
});
