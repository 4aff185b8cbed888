/** Starts the app over the page that the server has written. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { makeRouter } from "./app/router";
import { seed } from "./app/seed";
import { Refused, Unreachable } from "./lib/api/problem";
import { resume } from "./lib/session";
import "./styles/index.css";

// react-aria would add a <style> for its buttons, which the content policy forbids; styles/base.css has the rule instead.
document.head.append(Object.assign(document.createElement("meta"), { id: "react-aria-pressable-style" }));

const client = new QueryClient({
  defaultOptions: {
    queries: { retry: false, staleTime: 30_000, networkMode: "always" }, // `transport` repeats what is worth repeating
  },
});
const missing = seed(client, document, location);
const router = makeRouter(client, { missing });
const root = document.getElementById("root");
if (root === null) throw new Error("The page has no #root");

void resume();
// The server's page stands until ours is complete; only a slow one is replaced by its skeleton.
await Promise.race([router.load(), new Promise((resolve) => setTimeout(resolve, 300))]);
createRoot(root, {
  onCaughtError: (error) => {
    // An answer that says no has been shown to the person; what is left is a fault of ours.
    if (!(error instanceof Refused || error instanceof Unreachable)) console.error(error);
  },
}).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
