/** An author's own posts. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { type Act, api, as, unchangedSince, unwrap } from "@/lib/api/client";
import type { components } from "@/lib/api/types";

type Schemas = components["schemas"];
export type Post = Schemas["Post"];
export type Stage = Schemas["Stage"];

/** What the editor holds. */
export interface Text {
  title: string;
  body: string;
  tags: string[];
  excerpt: string;
}

export const EMPTY: Text = { title: "", body: "", tags: [], excerpt: "" };

export function textOf(post: Post): Text {
  return { title: post.title, body: post.body, tags: post.tags, excerpt: post.excerpt ?? "" };
}

export function sameText(a: Text, b: Text): boolean {
  return a.title === b.title && a.body === b.body && a.excerpt === b.excerpt && a.tags.join("\n") === b.tags.join("\n");
}

export function mine(stage: Stage) {
  return infiniteQueryOptions({
    queryKey: ["mine", stage],
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET("/api/posts/mine", { params: { query: { stage, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
}

export function readPost(id: string): Promise<Post> {
  return unwrap(api.GET("/api/posts/{id}", { params: { path: { id } } }));
}

/** The text that an editor starts from. It is forgotten with the editor: the next one starts from what is stored then. */
export function ownPost(id: string) {
  return queryOptions({ queryKey: ["own", id], queryFn: () => readPost(id), gcTime: 0 });
}

/** Saves the text: a new draft, or a revision of what `base` names, if nobody has revised it since. */
export function save({ base, text }: { base: { id: string; version: number } | null; text: Text }, act: Act): Promise<Post> {
  if (base === null) return unwrap(api.POST("/api/posts", { body: text, ...as(act) }));
  return unwrap(api.PATCH("/api/posts/{id}", { params: { path: { id: base.id } }, body: text, ...as(act, unchangedSince(base.version)) }));
}

export function publish({ id, version, slug }: { id: string; version: number; slug: string }, act: Act): Promise<Post> {
  return unwrap(
    api.POST("/api/posts/{id}/publish", { params: { path: { id } }, body: slug === "" ? {} : { slug }, ...as(act, unchangedSince(version)) }),
  );
}

/** The text as readers will see it, by the server's own renderer. */
export function preview(body: string) {
  return queryOptions({
    queryKey: ["preview", body],
    queryFn: ({ signal }) => unwrap(api.POST("/api/posts/preview", { body: { body }, signal })),
    staleTime: Infinity,
    gcTime: 60_000,
  });
}
