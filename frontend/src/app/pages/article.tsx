/** A post with what is said about it. */
import { useQuery } from "@tanstack/react-query";

import { ArticleSkeleton } from "@/components/skeleton";
import { Comments } from "@/features/comments/components/comments";
import { article } from "@/features/feed/api/queries";
import { ArticleView } from "@/features/feed/components/article-view";
import { editPath } from "@/lib/paths";
import { session } from "@/lib/session";
import { useStore } from "@/lib/store";

import { articleRoute } from "../router";

export function ArticlePage() {
  const { handle, slug } = articleRoute.useParams();
  const { data: post } = useQuery(article(handle, slug));
  const { user } = useStore(session);
  if (post === undefined) return <ArticleSkeleton />;
  const own = user?.id === post.author.id && (
    <a className="btn" href={editPath(post.id)}>
      Edit
    </a>
  );
  return (
    <>
      <ArticleView key={post.id} post={post} actions={own} />
      <Comments key={`comments-${post.id}`} postId={post.id} authorId={post.author.id} total={post.counts.comments} />
    </>
  );
}
