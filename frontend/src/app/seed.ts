/** Puts what the server has already put into the page (MARKUP.md) where the app looks for it, so that nothing is asked twice. */
import type { QueryClient } from "@tanstack/react-query";

import { article, type Article, type EntryPage, latest, postsOf, profile, type Profile } from "@/features/feed/api/queries";

/** Answers the path at which, as the server has said, there is nothing. */
export function seed(client: QueryClient, page: Document, { pathname, search }: { pathname: string; search: string }): string | null {
  const text = page.getElementById("page")?.textContent;
  if (!text) return null;
  const reply = JSON.parse(text) as object;
  if ("status" in reply) return pathname;
  const cursor = new URLSearchParams(search).get("cursor");
  const [, handle, slug] = /^\/@([^/]+)(?:\/([^/]+))?$/.exec(pathname) ?? [];
  if (pathname === "/") {
    client.setQueryData(latest(cursor).queryKey, { pages: [reply as EntryPage], pageParams: [cursor] });
  } else if (handle !== undefined && slug !== undefined) {
    client.setQueryData(article(handle, decodeURIComponent(slug)).queryKey, reply as Article);
  } else if (handle !== undefined) {
    const { user, posts } = reply as { user: Profile; posts: EntryPage };
    client.setQueryData(profile(handle).queryKey, user);
    client.setQueryData(postsOf(handle, cursor).queryKey, { pages: [posts], pageParams: [cursor] });
  }
  return null;
}
