/** The latest posts. */
import { Heading } from "@/components/heading";
import { latest } from "@/features/feed/api/queries";
import { Feed } from "@/features/feed/components/feed";
import { session } from "@/lib/session";
import { useStore } from "@/lib/store";

import { homeRoute } from "../router";

export function HomePage() {
  const { cursor } = homeRoute.useSearch();
  return (
    <>
      <Heading className="page-title" title="Latest posts" />
      <Feed query={latest(cursor ?? null)} path="/" empty={<Empty />} />
    </>
  );
}

function Empty() {
  const { state } = useStore(session);
  return (
    <section className="empty">
      <h2>Nothing is published yet</h2>
      <p>The first post could be yours.</p>
      {state === "in" ? (
        <a className="btn primary" href="/write">
          Write the first post
        </a>
      ) : (
        <a className="btn primary" href="/sign-up">
          Sign up
        </a>
      )}
    </section>
  );
}
