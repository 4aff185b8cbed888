/** Every test begins with an empty browser: no storage, nobody signed in, no network but what the test sets up. */
import "@testing-library/jest-dom/vitest";

import { cleanup, configure } from "@testing-library/react";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, beforeEach, vi } from "vitest";

import { behind } from "@/lib/api/behind";
import { session } from "@/lib/session";
import { toasts } from "@/lib/toasts";

export const network = setupServer();

configure({ asyncUtilTimeout: 10_000 }); // what comes is seen at once; this is for a busy machine

beforeAll(() => {
  network.listen({ onUnhandledFrame: "error" });
});

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  document.cookie = "inkstream_signed_in=; Max-Age=0";
  session.set({ state: "unknown", user: null });
  toasts.set([]);
  behind.set(false);
  vi.stubGlobal("matchMedia", (query: string) => Object.assign(new EventTarget(), { matches: false, media: query }));
  window.scrollTo = () => undefined;
  Element.prototype.scrollIntoView = () => undefined;
});

afterEach(() => {
  cleanup();
  network.resetHandlers();
  vi.unstubAllGlobals();
  document.body.innerHTML = "";
});

afterAll(() => {
  network.close();
});
