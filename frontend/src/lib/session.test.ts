import { HttpResponse } from "msw";
import { beforeEach, expect, test, vi } from "vitest";

import { serve } from "@/testing/app";
import { Backend, problem } from "@/testing/backend";

import { patience } from "./patience";
import { freshToken, refresh, resume, session, signedIn } from "./session";

const USER = { id: "1", handle: "mira", name: "Mira", role: "writer" as const };
let backend: Backend;

beforeEach(() => {
  vi.spyOn(patience, "reads", "get").mockReturnValue([1, 1, 1]);
  backend = new Backend();
  serve(backend);
});

test("who was never here is not asked for", async () => {
  await resume();

  expect(session.get().state).toBe("out");
  expect(backend.seen).toEqual([]);
});

test("a session whose marker is there goes on", async () => {
  document.cookie = "inkstream_signed_in=1";
  backend.cookie = backend.register({ handle: "mira" });

  await resume();

  expect(session.get()).toMatchObject({ state: "in", user: { handle: "mira" } });
});

test("a session that is over is forgotten", async () => {
  localStorage.setItem("inkstream.user", JSON.stringify(USER));
  session.set({ state: "unknown", user: USER });

  await resume();

  expect(session.get().state).toBe("out");
  expect(localStorage.getItem("inkstream.user")).toBeNull();
});

test("however many ask, one refresh is made", async () => {
  backend.cookie = backend.register({ handle: "mira" });

  await Promise.all([refresh(), refresh(), refresh()]);

  expect(backend.asked("POST", "/api/auth/refresh")).toHaveLength(1);
});

test("tabs take turns: a refresh holds the lock that all of them ask for", async () => {
  const held: string[] = [];
  Object.assign(navigator, {
    locks: {
      request: async (name: string, work: () => Promise<void>) => {
        held.push(name);
        await work();
      },
    },
  });

  await refresh();
  Reflect.deleteProperty(navigator, "locks");

  expect(held).toEqual(["inkstream.refresh"]);
});

test("a token that is about to end is renewed before it is used", async () => {
  backend.cookie = backend.register({ handle: "mira" });
  signedIn({ user: USER, access_token: "old", token_type: "Bearer", expires_in: 5 }, false);

  const token = await freshToken();

  expect(token).not.toBe("old");
  expect(backend.asked("POST", "/api/auth/refresh")).toHaveLength(1);
});

test("a refresh whose answer was lost is repeated with its key", async () => {
  backend.cookie = backend.register({ handle: "mira" });
  let lost = 0;
  backend.interruptions.push(() => (lost++ === 0 ? HttpResponse.error() : undefined));

  await refresh();

  const keys = backend.asked("POST", "/api/auth/refresh").map(({ headers }) => headers.get("Idempotency-Key"));
  expect([keys.length, new Set(keys).size]).toEqual([2, 1]);
  expect(session.get().state).toBe("in");
});

test("while nobody can say, a good token goes on being used and the person is not forgotten", async () => {
  signedIn({ user: USER, access_token: "good", token_type: "Bearer", expires_in: 600 }, false);
  backend.interruptions.push(() => problem(503, "unavailable", "Not now"));

  await refresh();

  expect(session.get()).toMatchObject({ state: "in", token: "good" });
  expect(localStorage.getItem("inkstream.user")).not.toBeNull();
});
