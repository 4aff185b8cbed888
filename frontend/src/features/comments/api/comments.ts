/** The comments of a post: read page by page, written at once and taken back if the service refuses. */
import { type InfiniteData, infiniteQueryOptions, type QueryClient } from "@tanstack/react-query";

import { type Act, api, as, unwrap } from "@/lib/api/client";
import type { components } from "@/lib/api/types";

type Schemas = components["schemas"];
export type Person = Schemas["Person"];
export type ThreadPage = Schemas["ThreadPage"];

/** `pending`: written here, not yet answered. */
export type ThreadComment = Schemas["ThreadComment"] & { pending?: boolean };

type Pages = InfiniteData<{ items: ThreadComment[]; next: string | null }>;

export function commentsOf(postId: string) {
  return infiniteQueryOptions({
    queryKey: ["comments", postId],
    queryFn: ({ pageParam, signal }): Promise<{ items: ThreadComment[]; next: string | null }> =>
      unwrap(
        api.GET("/api/query/posts/{id}/comments", { params: { path: { id: postId }, query: pageParam === null ? {} : { cursor: pageParam } }, signal }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
}

export function postComment(body: Schemas["NewComment"], act: Act) {
  return unwrap(api.POST("/api/comments", { body, ...as(act) }));
}

/** Stops reading the comments: what was asked for before a change would take it from the page again. Tells whether anything was being read. */
export async function stopReading(client: QueryClient, postId: string): Promise<boolean> {
  const { queryKey } = commentsOf(postId);
  const reading = client.isFetching({ queryKey }) > 0;
  await client.cancelQueries({ queryKey });
  return reading;
}

/** Shows a comment in its place before the service has answered. */
export function insert(client: QueryClient, comment: ThreadComment): void {
  client.setQueryData(commentsOf(comment.post_id).queryKey, (pages) => {
    const all: Pages = pages ?? { pages: [{ items: [], next: null }], pageParams: [null] };
    const page = all.pages.findLastIndex(({ items }) => comment.parent_id === null || items.some(({ id }) => id === comment.parent_id));
    return { ...all, pages: all.pages.map((one, at) => (at === page ? { ...one, items: placed(one.items, comment) } : one)) };
  });
}

/** Puts what the service has answered in the place of what was shown before, or where it belongs if that is gone. */
export function replace(client: QueryClient, postId: string, id: string, by: ThreadComment | null): void {
  const { queryKey } = commentsOf(postId);
  const shown = client.getQueryData(queryKey)?.pages.some(({ items }) => items.some((item) => item.id === id));
  if (by && !shown) {
    insert(client, by);
    return;
  }
  client.setQueryData(
    queryKey,
    (pages) =>
      pages && {
        ...pages,
        pages: pages.pages.map((one) => ({ ...one, items: one.items.flatMap((item) => (item.id === id ? (by ?? []) : item)) })),
      },
  );
}

/** A reply stands behind everything that answers the same comment already. */
function placed(items: readonly ThreadComment[], comment: ThreadComment): ThreadComment[] {
  const parent = items.findIndex(({ id }) => id === comment.parent_id);
  if (parent < 0) return [...items, comment];
  const depth = (items[parent]?.depth ?? 0) + 1;
  let at = parent + 1;
  while ((items[at]?.depth ?? 0) >= depth) at++;
  return [...items.slice(0, at), { ...comment, depth }, ...items.slice(at)];
}
