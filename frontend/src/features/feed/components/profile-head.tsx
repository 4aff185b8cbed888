/** Who this is. */
import { Avatar } from "@/components/avatar";
import { Heading } from "@/components/heading";

import type { Profile } from "../api/queries";

export function ProfileHead({ user }: { user: Profile }) {
  return (
    <header className="profile">
      <Avatar name={user.name} size="lg" />
      <div>
        <Heading className="page-title" title={user.name} />
        <p className="hint">@{user.handle}</p>
      </div>
      {user.bio && <p className="bio">{user.bio}</p>}
    </header>
  );
}
