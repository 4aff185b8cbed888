/** What readers say about a post. */
import { useInfiniteQuery } from "@tanstack/react-query";

import { Button } from "@/components/button";
import { ErrorNote } from "@/components/error-note";
import { Lines } from "@/components/skeleton";
import { count } from "@/lib/count";

import { commentsOf } from "../api/comments";
import { Composer } from "./composer";
import { Thread } from "./thread";

interface Props {
  postId: string;
  authorId: string;
  /** How many there were when the post was read. */
  total: number;
}

export function Comments({ postId, authorId, total }: Props) {
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetching, isFetchingNextPage } = useInfiniteQuery(commentsOf(postId));
  const comments = data?.pages.flatMap(({ items }) => items) ?? [];
  const shown = Math.max(total, comments.length);
  return (
    <section className="comments" id="comments" aria-labelledby="comments-title" tabIndex={-1}>
      <h2 id="comments-title">{shown === 0 ? "Comments" : count(shown, "comment")}</h2>
      <Composer postId={postId} />
      {data === undefined && !error && <Lines />}
      {data !== undefined && comments.length === 0 && <p className="quiet">Nobody has said anything yet.</p>}
      <Thread comments={comments} authorId={authorId} />
      {error && <ErrorNote error={error} retry={() => void (data ? fetchNextPage() : refetch())} busy={isFetching} />}
      {hasNextPage && !error && (
        <div className="more needs-script">
          <Button className="btn outline" busy={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            Load more comments
          </Button>
        </div>
      )}
    </section>
  );
}
