/** What readers are shown: lists, articles, people. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "@/lib/api/client";
import type { components } from "@/lib/api/types";

type Schemas = components["schemas"];
export type Article = Schemas["Article"];
export type Entry = Schemas["Entry"];
export type EntryPage = Schemas["EntryPage"];
export type Profile = Schemas["Profile"];

function list(filter: { author?: string }, from: string | null) {
  return infiniteQueryOptions({
    queryKey: ["entries", filter, from],
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET("/api/query/posts", { params: { query: { ...filter, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: from,
    getNextPageParam: ({ next }) => next,
  });
}

/** The latest posts, from a cursor on for who follows a link to a later page. */
export function latest(from: string | null = null) {
  return list({}, from);
}

export function postsOf(handle: string, from: string | null = null) {
  return list({ author: handle }, from);
}

export function article(author: string, slug: string) {
  return queryOptions({
    queryKey: ["article", author, slug],
    queryFn: ({ signal }) => unwrap(api.GET("/api/query/posts/{author}/{slug}", { params: { path: { author, slug } }, signal })),
  });
}

export function profile(handle: string) {
  return queryOptions({
    queryKey: ["profile", handle],
    queryFn: ({ signal }) => unwrap(api.GET("/api/query/users/{handle}", { params: { path: { handle } }, signal })),
  });
}
