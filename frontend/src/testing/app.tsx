/** The whole app in a test, on a blog in memory. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http } from "msw";

import { makeRouter } from "@/app/router";
import { seed } from "@/app/seed";
import { resume } from "@/lib/session";

import type { Backend } from "./backend";
import { network } from "./setup";

/** Requests go to this blog from now on. */
export function serve(backend: Backend): void {
  network.use(http.all("*/api/*", ({ request }) => backend.handle(request)));
}

/** From now on the browser has this person's session. */
export function remember(backend: Backend, handle: string): void {
  backend.cookie = backend.accounts.find((one) => one.handle === handle) ?? backend.register({ handle });
  document.cookie = "inkstream_signed_in=1";
}

/** Opens a page as the browser does: the server's document, if there is one, then the app over it. */
export async function open(path: string, backend: Backend, page: Document = document.implementation.createHTMLDocument(), { resumed = true } = {}) {
  serve(backend);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 30_000, networkMode: "always" } } });
  window.history.replaceState(null, "", path);
  const missing = seed(client, page, new URL(path, location.origin));
  const router = makeRouter(client, { missing, history: createMemoryHistory({ initialEntries: [path] }) });
  if (resumed) void resume();
  await router.load();
  const view = render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
    { onCaughtError: () => undefined }, // a page that shows its error has dealt with it
  );
  return { ...view, router, client, user: userEvent.setup() };
}
