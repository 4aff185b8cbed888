/** A post in a list. */
import { Avatar } from "@/components/avatar";
import { Tags } from "@/components/tags";
import { When } from "@/components/when";
import { Who } from "@/components/who";
import { count } from "@/lib/count";
import { pathOf } from "@/lib/paths";

import type { Entry } from "../api/queries";

export function Card({ entry, byline = true }: { entry: Entry; byline?: boolean }) {
  const { author } = entry;
  const dek = entry.summary ?? entry.excerpt ?? "";
  return (
    <article className="card">
      <div className="meta">
        {byline && (
          <>
            <Avatar name={author.name} size="sm" />
            <Who {...author} />
          </>
        )}
        <When at={entry.published_at ?? entry.created_at} />
      </div>
      <h2>
        <a href={pathOf(author.handle, entry.slug)}>{entry.title}</a>
      </h2>
      {dek !== "" && <p className="dek">{dek}</p>}
      <div className="meta">
        <Tags tags={entry.tags} />
        <span>{entry.reading_minutes} min read</span>
        {entry.counts.comments > 0 && <span>{count(entry.counts.comments, "comment")}</span>}
      </div>
    </article>
  );
}
