/** What I am writing and what I have published. */
import { Heading } from "@/components/heading";
import { Drafts } from "@/features/posts/components/drafts";
import { signInPath } from "@/lib/paths";
import { session } from "@/lib/session";
import { useStore } from "@/lib/store";

export function DraftsPage() {
  const { state } = useStore(session);
  // Signed out in another tab: what stood here is for its author's eyes.
  if (state === "out")
    return (
      <>
        <Heading className="page-title" title="Your posts" />
        <p className="quiet">
          You are signed out. <a href={signInPath("/drafts")}>Sign in to see them</a>
        </p>
      </>
    );
  return (
    <>
      <Heading className="page-title" title="Your posts" />
      <section className="part" aria-labelledby="drafts-title">
        <h2 id="drafts-title">Drafts</h2>
        <Drafts
          stage="draft"
          empty={
            <p className="quiet">
              There is no draft. <a href="/write">Write one</a>
            </p>
          }
        />
      </section>
      <section className="part" aria-labelledby="published-title">
        <h2 id="published-title">Published</h2>
        <Drafts stage="published" empty={<p className="quiet">Nothing is published yet.</p>} />
      </section>
    </>
  );
}
