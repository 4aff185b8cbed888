/** A list of posts that grows by "Load more". */
import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";

import { ErrorNote } from "@/components/error-note";
import { FeedSkeleton } from "@/components/skeleton";

import type { latest } from "../api/queries";
import { Card } from "./card";

interface Props {
  query: ReturnType<typeof latest>;
  path: string;
  byline?: boolean;
  empty: ReactNode;
}

export function Feed({ query, path, byline = true, empty }: Props) {
  const { data, error, refetch, fetchNextPage, isFetchingNextPage, isFetchNextPageError, isFetching } = useInfiniteQuery(query);
  const list = useRef<HTMLDivElement>(null);
  const entries = data?.pages.flatMap(({ items }) => items) ?? [];
  const shown = useRef(entries.length);
  useEffect(() => {
    // The link that was pressed may be gone: reading goes on at the first new post.
    if (shown.current > 0 && entries.length > shown.current)
      list.current?.querySelectorAll<HTMLElement>("h2 a")[shown.current]?.focus({ preventScroll: true });
    shown.current = entries.length;
  }, [entries.length]);

  if (data === undefined) return error ? <ErrorNote error={error} retry={() => void refetch()} busy={isFetching} /> : <FeedSkeleton />;
  const next = data.pages.at(-1)?.next ?? null;
  if (entries.length === 0) return empty;
  return (
    <>
      <div className="feed" ref={list}>
        {entries.map((entry) => (
          <Card key={entry.id} entry={entry} byline={byline} />
        ))}
      </div>
      {isFetchNextPageError && !isFetchingNextPage && <ErrorNote error={error} retry={() => void fetchNextPage()} />}
      {next !== null && !isFetchNextPageError && (
        <nav className="more" aria-label="More posts">
          <a
            className="btn outline"
            href={`${path}?cursor=${encodeURIComponent(next)}`}
            rel="next"
            aria-busy={isFetchingNextPage || undefined}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              if (!isFetchingNextPage) void fetchNextPage();
            }}
          >
            Load more
          </a>
        </nav>
      )}
    </>
  );
}
