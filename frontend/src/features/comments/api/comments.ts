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

/** Shows a comment in its place before the service has answered. */
export function insert(client: QueryClient, comment: ThreadComment): void {
  client.setQueryData(commentsOf(comment.post_id).queryKey, (pages) => {
    const all: Pages = pages ?? { pages: [{ items: [], next: null }], pageParams: [null] };
    const page = all.pages.findLastIndex(({ items }) => comment.parent_id === null || items.some(({ id }) => id === comment.parent_id));
    return { ...all, pages: all.pages.map((one, at) => (at === page ? { ...one, items: placed(one.items, comment) } : one)) };
  });
}

export function replace(client: QueryClient, postId: string, id: string, by: ThreadComment | null): void {
  client.setQueryData(
    commentsOf(postId).queryKey,
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
