import { HttpResponse } from "msw";
import { beforeEach, expect, test, vi } from "vitest";

import { patience } from "@/lib/patience";
import { resume, session } from "@/lib/session";
import { serve } from "@/testing/app";
import { Backend, json, problem } from "@/testing/backend";

import { behind } from "./behind";
import { api, as, unwrap } from "./client";
import { saw } from "./consistency";
import { OutcomeUnknown, Refused, Unreachable } from "./problem";
import type { Phase } from "./transport";

const DRAFT = { title: "A title", body: "A body" };
let backend: Backend;

function post(key = "key-1", watch: (phase: Phase) => void = () => undefined) {
  return unwrap(api.POST("/api/posts", { body: DRAFT, ...as({ key, watch }) }));
}

/** The next `times` requests to this path are answered so. */
function instead(path: string, times: number, answer: () => Response): void {
  let left = times;
  backend.interruptions.push((request) => (new URL(request.url).pathname === path && left-- > 0 ? answer() : undefined));
}

function unknown(): Response {
  return problem(503, "unknown", "The outcome is not known yet", {}, { Location: "/api/posts/commands/a.b.c.d" });
}

beforeEach(async () => {
  vi.spyOn(patience, "reads", "get").mockReturnValue([1, 1, 1]);
  vi.spyOn(patience, "writes", "get").mockReturnValue([1, 1, 1]);
  vi.spyOn(patience, "questions", "get").mockReturnValue([1, 1]);
  backend = new Backend();
  backend.register({ handle: "mira" });
  serve(backend);
  backend.cookie = backend.accounts[0] ?? null;
  document.cookie = "inkstream_signed_in=1";
  await resume();
  backend.seen.length = 0;
});

test("a write carries the key of its act, a read carries none", async () => {
  await post();
  await unwrap(api.GET("/api/posts/mine", { params: { query: { stage: "draft" } } }));

  expect(backend.seen.map(({ headers }) => headers.get("Idempotency-Key"))).toEqual(["key-1", null]);
});

test("a token that is not good any more is renewed once, for all requests that meet it", async () => {
  backend.expireTokens();

  const mine = () => unwrap(api.GET("/api/posts/mine", { params: { query: { stage: "draft" } } }));
  const answers = await Promise.all([mine(), mine(), post()]);

  expect(answers[2].title).toBe("A title");
  expect(backend.asked("POST", "/api/auth/refresh")).toHaveLength(1);
});

test("a session that is over is said so, and its token is not sent again", async () => {
  backend.expireTokens();
  backend.cookie = null;

  await expect(post()).rejects.toMatchObject({ name: "Refused", status: 401 });

  expect(session.get().state).toBe("out");
  expect(backend.asked("POST", "/api/posts").map(({ headers }) => headers.has("Authorization"))).toEqual([true, false]);
});

test("a write whose answer was lost is repeated with the same key and takes effect once", async () => {
  let lost = 0;
  const handle = backend.handle.bind(backend);
  vi.spyOn(backend, "handle").mockImplementation(async (request) => {
    const answer = await handle(request);
    return request.method === "POST" && lost++ < 2 ? HttpResponse.error() : answer;
  });

  const made = await post();

  expect(made.title).toBe("A title");
  expect(backend.asked("POST", "/api/posts").map(({ headers }) => headers.get("Idempotency-Key"))).toEqual(["key-1", "key-1", "key-1"]);
  expect(backend.posts).toHaveLength(1);
});

test("a service that is away is asked again, then the failure is shown", async () => {
  const phases: Phase[] = [];
  instead("/api/posts", 9, () => problem(503, "unavailable", "Not now"));

  await expect(post("key-1", (phase) => phases.push(phase))).rejects.toMatchObject({ status: 503 });

  expect(phases).toEqual(["sending", "retrying", "retrying", "retrying"]);
  expect(backend.asked("POST", "/api/posts")).toHaveLength(4);
});

test("no network at all is said to be so", async () => {
  backend.interruptions.push(() => HttpResponse.error());

  await expect(post()).rejects.toBeInstanceOf(Unreachable);
});

test("where the outcome is unknown it is asked for, and an accepted write brings what it made", async () => {
  const phases: Phase[] = [];
  instead("/api/posts", 1, unknown);
  instead("/api/posts/commands/a.b.c.d", 1, () => json({ state: "open" }));
  instead("/api/posts/commands/a.b.c.d", 1, () => json({ state: "accepted" }));

  const made = await post("key-1", (phase) => phases.push(phase));

  expect(made.title).toBe("A title");
  expect(phases).toEqual(["sending", "asking"]);
  expect(backend.asked("POST", "/api/posts").map(({ headers }) => headers.get("Idempotency-Key"))).toEqual(["key-1", "key-1"]);
});

test("a write that was given up is refused: it changed nothing", async () => {
  instead("/api/posts", 1, unknown);
  instead("/api/posts/commands/a.b.c.d", 1, () => json({ state: "closed" }));

  await expect(post()).rejects.toMatchObject({ name: "Refused", code: "closed" });

  expect(backend.posts).toHaveLength(0);
});

test("an outcome that stays unknown is never called a failure", async () => {
  instead("/api/posts", 9, unknown);
  instead("/api/posts/commands/a.b.c.d", 9, () => json({ state: "open" }));

  await expect(post()).rejects.toBeInstanceOf(OutcomeUnknown);
});

test("an address on another site is not asked", async () => {
  instead("/api/posts", 1, () => problem(503, "unknown", "", {}, { Location: "https://elsewhere.test/api/posts/commands/x" }));

  await expect(post()).resolves.toMatchObject({ title: "A title" });
});

test("a request says how far this tab has seen the log, an answer moves it on", async () => {
  saw("comments/7:55");
  await post();

  await unwrap(api.GET("/api/query/posts"));

  expect(backend.asked("POST", "/api/posts")[0]?.headers.get("Consistency-Token")).toBe("comments/7:55");
  expect(backend.asked("GET", "/api/query/posts")[0]?.headers.get("Consistency-Token")).toBe("comments/7:55,posts/0:1");
});

test("a read that is behind what this tab has done is asked again, so that what was just made is there", async () => {
  instead("/api/query/posts", 2, () => problem(404, "not-found", "Not here yet", {}, { Consistency: "behind" }));

  await expect(unwrap(api.GET("/api/query/posts"))).resolves.toEqual({ items: [], next: null });

  expect(behind.get()).toBe(false);
});

test("a read that stays behind is shown as such", async () => {
  instead("/api/query/posts", 9, () => json({ items: [], next: null }, { headers: { Consistency: "behind" } }));

  await unwrap(api.GET("/api/query/posts"));

  expect(behind.get()).toBe(true);
});

test("a problem keeps what it says: its code, its number, its fields and when to come back", async () => {
  instead("/api/posts", 1, () => problem(429, "too-many", "Slower", { errors: [{ pointer: "/title", detail: "must not be blank" }] }, { "Retry-After": "30" }));

  const error = await post().catch((caught: unknown) => caught);

  expect(error).toBeInstanceOf(Refused);
  const refused = error as Refused;
  expect([refused.status, refused.code, refused.requestId, refused.field("title")]).toEqual([429, "too-many", "req-0042", "This must not be blank."]);
  expect(refused.retryAt).toBeGreaterThan(Date.now() + 25_000);
});
