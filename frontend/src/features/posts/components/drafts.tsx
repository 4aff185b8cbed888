/** An author's drafts and posts. */
import { useInfiniteQuery } from "@tanstack/react-query";

import type { ReactNode } from "react";

import { Button } from "@/components/button";
import { ErrorNote } from "@/components/error-note";
import { Lines } from "@/components/skeleton";
import { When } from "@/components/when";
import { editPath, pathOf } from "@/lib/paths";

import { mine, type Post } from "../api/posts";
import styles from "./drafts.module.css";

export function Drafts({ stage, empty }: { stage: "draft" | "published"; empty: ReactNode }) {
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetching, isFetchingNextPage } = useInfiniteQuery(mine(stage));
  const posts = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      {data === undefined && !error && <Lines />}
      {data !== undefined && posts.length === 0 && empty}
      {posts.length > 0 && (
        <ul className={styles.list}>
          {posts.map((post) => (
            <Row key={post.id} post={post} />
          ))}
        </ul>
      )}
      {error && <ErrorNote error={error} retry={() => void (data ? fetchNextPage() : refetch())} busy={isFetching} />}
      {hasNextPage && !error && (
        <div className="more">
          <Button className="btn outline" busy={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            Load more
          </Button>
        </div>
      )}
    </>
  );
}

function Row({ post }: { post: Post }) {
  const published = post.stage === "published";
  return (
    <li className={styles.row}>
      <div>
        <h3>
          <a href={editPath(post.id)}>{post.title || "Untitled"}</a>
        </h3>
        <p className="hint">
          {published ? "Published" : "Edited"} <When at={(published ? post.published_at : post.revised_at) ?? post.created_at} />
        </p>
      </div>
      {published && (
        <a className="btn sm" href={pathOf(post.author.handle, post.slug)} aria-label={`View ${post.title}`}>
          View
        </a>
      )}
    </li>
  );
}
