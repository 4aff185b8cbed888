/** The typed way to the services: `unwrap(api.GET("/api/query/posts", …))` gives the reply or throws what went wrong. */
import createClient from "openapi-fetch";

import { Refused } from "./problem";
import { transport, type Watch } from "./transport";
import type { paths } from "./types";

export const api = createClient<paths>({ baseUrl: location.origin, fetch: (request) => transport(request) });

/** One act of a person: the same key however often it has to be sent. */
export interface Act {
  key: string;
  watch?: Watch;
}

/** The options that make a request that act. */
export function as(act: Act, headers: Record<string, string> = {}) {
  return { headers: { ...headers, "Idempotency-Key": act.key }, fetch: (request: Request) => transport(request, act.watch) };
}

/** `If-Match`: only if nobody has changed it since. */
export function unchangedSince(version: number): { "If-Match": string } {
  return { "If-Match": `"${String(version)}"` };
}

export async function unwrap<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (response.ok) return data as T;
  throw new Refused(response, typeof error === "object" && error !== null ? error : {});
}
