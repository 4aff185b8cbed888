/** What I am writing and what I have published. */
import { Heading } from "@/components/heading";
import { Drafts } from "@/features/posts/components/drafts";

export function DraftsPage() {
  return (
    <>
      <div className="page-head">
        <Heading className="page-title" title="Your posts" />
        <a className="btn primary" href="/write">
          Write
        </a>
      </div>
      <section className="part" aria-labelledby="drafts-title">
        <h2 id="drafts-title">Drafts</h2>
        <Drafts stage="draft" empty="No drafts. What you start and save stands here." />
      </section>
      <section className="part" aria-labelledby="published-title">
        <h2 id="published-title">Published</h2>
        <Drafts stage="published" empty="Nothing published yet." />
      </section>
    </>
  );
}
