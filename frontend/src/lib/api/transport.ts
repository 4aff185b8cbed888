/**
 * Sends a request as every request of this app is sent.
 *
 * It signs it, says how far this tab has seen the log, and repeats it while that is safe: a write carries an `Idempotency-Key`,
 * so it takes effect at most once however often it is sent. Where even the service does not know the outcome, it is asked for.
 */
import { patience } from "@/lib/patience";
import { freshToken, refresh, session } from "@/lib/session";

import { saw, seenSoFar } from "./consistency";
import { behind } from "./behind";
import { OutcomeUnknown, Refused, retryAt, Unreachable } from "./problem";
import { unread } from "./unread";

/** `asking`: the outcome of a write is not known, and we are finding out. */
export type Phase = "sending" | "retrying" | "asking";
export type Watch = (phase: Phase) => void;

export async function transport(request: Request, watch: Watch = () => undefined): Promise<Response> {
  if (request.method !== "GET" && !request.headers.has("Idempotency-Key")) request.headers.set("Idempotency-Key", crypto.randomUUID());
  watch("sending");
  let asked = 0;
  for (let turn = 0; ; turn++) {
    const response = await signed(request).catch((error: unknown) => {
      if (request.signal.aborted) throw error;
      return null;
    });
    const address = response?.status === 503 ? response.headers.get("Location") : null;
    if (address !== null && response !== null) {
      watch("asking");
      unread(response);
      const state = await outcome(address, request.signal);
      if (state === "closed") throw new Refused(response, { title: "This was given up before it took effect", type: "/problems/closed" });
      // Accepted: the same request again brings what it made. Open: the same request again drives it on. Both apply it once at most.
      if (++asked > 2) throw new OutcomeUnknown(response.headers.get("X-Request-Id"));
      continue;
    }
    const isBehind = request.method === "GET" && response?.headers.get("Consistency") === "behind";
    if (response !== null && !isBehind && ![502, 503, 504].includes(response.status)) return response;
    const pause = (request.method === "GET" ? patience.reads : patience.writes)[turn - asked];
    if (pause === undefined) {
      if (response === null) throw new Unreachable();
      if (isBehind) behind.set(true);
      return response;
    }
    watch("retrying");
    unread(response);
    await sleep(response === null ? pause : Math.min(patience.longest, Math.max(pause, (retryAt(response) ?? 0) - Date.now())), request.signal);
  }
}

/** One try, and a second one with a new token where the first was not good any more. */
async function signed(request: Request): Promise<Response> {
  const response = await once(request);
  if (response.status !== 401 || session.get().state !== "in" || isAboutCredentials(request)) return response;
  unread(response);
  await refresh();
  return once(request);
}

async function once(original: Request): Promise<Response> {
  const request = original.clone();
  const token = isAboutCredentials(request) ? null : isPublic(request) ? tokenAtHand() : await freshToken();
  if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
  const seen = seenSoFar();
  if (seen !== "") request.headers.set("Consistency-Token", seen);
  const response = await globalThis.fetch(request);
  saw(response.headers.get("Consistency-Token"));
  return response;
}

function tokenAtHand(): string | null {
  const now = session.get();
  return now.state === "in" ? now.token : null;
}

/** What everybody may read does not wait until we know who reads. */
function isPublic(request: Request): boolean {
  return new URL(request.url).pathname.startsWith("/api/query/");
}

/** Here a 401 says that the password is wrong. */
function isAboutCredentials(request: Request): boolean {
  return /^\/api\/auth\/(login|register)$/.test(new URL(request.url).pathname);
}

async function outcome(address: string, signal: AbortSignal): Promise<"accepted" | "closed" | "open"> {
  const url = new URL(address, location.origin);
  if (url.origin !== location.origin) return "open";
  for (const pause of patience.questions) {
    await sleep(pause, signal);
    const reply = await signed(new Request(url, { signal })).catch(() => null);
    if (!reply?.ok) {
      unread(reply);
      continue;
    }
    const { state } = (await reply.json()) as { state: "accepted" | "closed" | "open" };
    if (state !== "open") return state;
  }
  return "open";
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
