/** A person and their posts. */
import { useQuery } from "@tanstack/react-query";

import { FeedSkeleton } from "@/components/skeleton";
import { postsOf, profile } from "@/features/feed/api/queries";
import { Feed } from "@/features/feed/components/feed";
import { ProfileHead } from "@/features/feed/components/profile-head";
import { personPath } from "@/lib/paths";

import { profileRoute } from "../router";

export function ProfilePage() {
  const { handle } = profileRoute.useParams();
  const { cursor } = profileRoute.useSearch();
  const { data: user } = useQuery(profile(handle));
  if (user === undefined) return <FeedSkeleton />;
  return (
    <>
      <ProfileHead key={user.id} user={user} />
      <Feed
        query={postsOf(handle, cursor ?? null)}
        path={personPath(handle)}
        byline={false}
        empty={<p className="quiet">{user.name} has not published anything yet.</p>}
      />
    </>
  );
}
