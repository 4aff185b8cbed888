/** A post as readers see it. */
import type { ReactNode } from "react";

import { Avatar } from "@/components/avatar";
import { Heading } from "@/components/heading";
import { Icon } from "@/components/icon";
import { ServerHtml } from "@/components/server-html";
import { Tags } from "@/components/tags";
import { When } from "@/components/when";
import { Who } from "@/components/who";
import { absolute } from "@/lib/dates";
import { count } from "@/lib/count";
import { toast } from "@/lib/toasts";

import type { Article } from "../api/queries";

export function ArticleView({ post, actions }: { post: Article; actions?: ReactNode }) {
  const { author } = post;
  const contents = post.toc.filter(({ level }) => level === 2 || level === 3);
  return (
    <article className="post">
      <header>
        <Tags tags={post.tags} />
        <Heading className="title" title={post.title} />
        {post.excerpt && <p className="dek">{post.excerpt}</p>}
        <div className="meta byline">
          <Avatar name={author.name} />
          <div>
            <Who {...author} />
            <div className="meta">
              <span>{post.reading_minutes} min read</span>
              <When at={post.published_at ?? post.created_at} />
            </div>
          </div>
          {post.edited && (
            <span className="edited">
              Edited <time dateTime={post.edited.at}>{absolute(post.edited.at)}</time>
            </span>
          )}
        </div>
      </header>
      <div className="act">
        <a className="btn" href="#comments">
          <Icon name="comment" />
          {count(post.counts.comments, "comment")}
        </a>
        {actions}
        <button className="btn sp needs-script" type="button" onClick={() => void share(post.title)}>
          Share
        </button>
      </div>
      {contents.length > 1 && (
        <nav className="toc" aria-label="Contents">
          <ol>
            {contents.map(({ id, text, level }) => (
              <li className={level === 3 ? "sub" : undefined} key={id}>
                <a href={`#${id}`}>{text}</a>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <ServerHtml className="prose" html={post.html} />
    </article>
  );
}

async function share(title: string): Promise<void> {
  const url = location.origin + location.pathname;
  if (matchMedia("(pointer: coarse)").matches && "share" in navigator) {
    await navigator.share({ title, url }).catch(() => undefined); // closing the sheet is no error
    return;
  }
  await navigator.clipboard.writeText(url).then(
    () => {
      toast("Link copied");
    },
    () => {
      toast("The link could not be copied. It is in the address bar.");
    },
  );
}
