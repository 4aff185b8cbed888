/** Which address shows which page. What server pages show is in the first file; the rest comes when it is asked for. */
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, notFound, redirect, type RouterHistory } from "@tanstack/react-router";

import { ArticleSkeleton, FeedSkeleton, Lines } from "@/components/skeleton";
import { commentsOf } from "@/features/comments/api/comments";
import { article, latest, postsOf, profile } from "@/features/feed/api/queries";
import { Refused } from "@/lib/api/problem";
import { arriving } from "@/lib/arrival";
import { safeNext, signInPath } from "@/lib/paths";
import { settled } from "@/lib/session";

import { ArticlePage } from "./pages/article";
import { Failed } from "./pages/failed";
import { HomePage } from "./pages/home";
import { NotFound } from "./pages/not-found";
import { ProfilePage } from "./pages/profile";
import { Framed, Root } from "./shell";

interface Context {
  client: QueryClient;
  /** The address at which the server has just said that there is nothing: told once, then asked like any other. */
  missing: { path: string | null };
}

const root = createRootRouteWithContext<Context>()({ component: Root, notFoundComponent: FramedNotFound });

function FramedNotFound() {
  return (
    <Framed>
      <NotFound />
    </Framed>
  );
}

const framed = createRoute({ getParentRoute: () => root, id: "framed", component: Framed });

const cursor = (search: Record<string, unknown>): { cursor?: string } => (typeof search["cursor"] === "string" ? { cursor: search["cursor"] } : {});
const next = (search: Record<string, unknown>): { next?: string } => (typeof search["next"] === "string" ? { next: search["next"] } : {});

/** A thing that is not there is a page of its own; every other failure is shown as one. */
async function found<T>({ missing }: Context, { pathname }: { pathname: string }, ask: () => Promise<T>): Promise<T> {
  if (missing.path === pathname) {
    missing.path = null;
    throw notFound();
  }
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Refused && (error.status === 404 || error.status === 410)) throw notFound();
    throw error;
  }
}

export const homeRoute = createRoute({
  getParentRoute: () => framed,
  path: "/",
  validateSearch: cursor,
  loaderDeps: ({ search }) => search,
  loader: ({ context: { client }, deps }) => client.infiniteQuery({ ...latest(deps.cursor ?? null), staleTime: "static" }),
  component: HomePage,
  pendingComponent: FeedSkeleton,
});

export const profileRoute = createRoute({
  getParentRoute: () => framed,
  path: "/@{$handle}",
  validateSearch: cursor,
  loaderDeps: ({ search }) => search,
  loader: async ({ context, location, params: { handle }, deps }) => {
    const { client } = context;
    await found(context, location, () => Promise.all([client.query({ ...profile(handle), staleTime: "static" }), client.infiniteQuery({ ...postsOf(handle, deps.cursor ?? null), staleTime: "static" })]));
  },
  component: ProfilePage,
  pendingComponent: FeedSkeleton,
});

export const articleRoute = createRoute({
  getParentRoute: () => framed,
  path: "/@{$handle}/$slug",
  loader: async ({ context, location, params: { handle, slug } }) => {
    const { client } = context;
    const post = await found(context, location, () => client.query({ ...article(handle, slug), staleTime: "static" }));
    // The first comments came with the post.
    const { queryKey } = commentsOf(post.id);
    if (client.getQueryData(queryKey) === undefined) client.setQueryData(queryKey, { pages: [post.comments], pageParams: [null] });
  },
  component: ArticlePage,
  pendingComponent: ArticleSkeleton,
});

/** The address is kept, so that who signs in comes back to it. */
async function signedInOnly({ location }: { location: { href: string } }): Promise<void> {
  const { state } = await settled();
  if (state !== "in") throw redirect({ href: signInPath(location.href), replace: true });
}

async function signedOutOnly({ search }: { search: { next?: string } }): Promise<void> {
  const { state } = await settled();
  if (state === "in") throw redirect({ href: safeNext(search.next), replace: true });
}

export const signInRoute = createRoute({
  getParentRoute: () => framed,
  path: "/sign-in",
  validateSearch: next,
  beforeLoad: signedOutOnly,
  component: lazyRouteComponent(() => import("./pages/sign-in"), "SignInPage"),
});

export const signUpRoute = createRoute({
  getParentRoute: () => framed,
  path: "/sign-up",
  validateSearch: next,
  beforeLoad: signedOutOnly,
  component: lazyRouteComponent(() => import("./pages/sign-up"), "SignUpPage"),
});

export const draftsRoute = createRoute({
  getParentRoute: () => framed,
  path: "/drafts",
  beforeLoad: signedInOnly,
  component: lazyRouteComponent(() => import("./pages/drafts"), "DraftsPage"),
  pendingComponent: Lines,
});

export const writeRoute = createRoute({
  getParentRoute: () => root,
  path: "/write/{-$id}",
  beforeLoad: signedInOnly,
  component: lazyRouteComponent(() => import("./pages/write"), "WritePage"),
  notFoundComponent: FramedNotFound,
  errorComponent: ({ error }) => (
    <Framed>
      <Failed error={error} />
    </Framed>
  ),
  pendingComponent: () => (
    <Framed>
      <ArticleSkeleton />
    </Framed>
  ),
});

const tree = root.addChildren([writeRoute, framed.addChildren([homeRoute, profileRoute, articleRoute, signInRoute, signUpRoute, draftsRoute])]);

export function makeRouter(client: QueryClient, { missing = null, history }: { missing?: string | null; history?: RouterHistory } = {}) {
  const router = createRouter({
    routeTree: tree,
    context: { client, missing: { path: missing } },
    ...(history ? { history } : {}),
    defaultErrorComponent: ({ error }) => <Failed error={error} />,
    defaultNotFoundComponent: NotFound,
    // A page that comes within 300 ms comes at once, without a skeleton in between.
    defaultPendingMs: 300,
    defaultPendingMinMs: 300,
    defaultPreload: false,
    scrollRestoration: true,
    pathParamsAllowedCharacters: ["@"],
  });
  router.subscribe("onBeforeNavigate", ({ pathChanged, fromLocation }) => {
    if (!pathChanged || !fromLocation) return;
    arriving();
    // What was read before is shown at once where it is shown again, and asked for again: others have written since.
    void client.invalidateQueries({ refetchType: "none" });
  });
  return router;
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
