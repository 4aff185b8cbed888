/** The right end of the header: who is signed in, and what they can do. The server leaves it empty (MARKUP.md). */
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";

import { Avatar } from "@/components/avatar";
import { Icon } from "@/components/icon";
import { useAct } from "@/lib/api/use-act";
import { personPath } from "@/lib/paths";
import { session } from "@/lib/session";
import { useStore } from "@/lib/store";
import { choose, theme, type Theme } from "@/lib/theme";
import { toast } from "@/lib/toasts";
import { useVisit } from "@/lib/visit";

import { signOut } from "../api/auth";

const Menu = lazy(() => import("@/components/menu"));

const THEMES: { id: Theme; label: string; icon: "monitor" | "sun" | "moon" }[] = [
  { id: "system", label: "System", icon: "monitor" },
  { id: "light", label: "Light", icon: "sun" },
  { id: "dark", label: "Dark", icon: "moon" },
];

export function Account() {
  const { state, user } = useStore(session);
  const client = useQueryClient();
  useEffect(() => {
    // Whoever signs in next, also after a sign-out in another tab, is not shown the posts of somebody else.
    if (state === "out") client.removeQueries({ queryKey: ["mine"] });
  }, [state, client]);
  return (
    <>
      <ThemeMenu />
      {user && (
        <>
          <a className="btn outline" href="/write">
            Write
          </a>
          <UserMenu name={user.name} handle={user.handle} />
        </>
      )}
      {state === "out" && (
        <>
          <a className="btn" href="/sign-in">
            Sign in
          </a>
          <a className="btn primary hide-xs" href="/sign-up">
            Sign up
          </a>
        </>
      )}
    </>
  );
}

function ThemeMenu() {
  const chosen = useStore(theme);
  const icon = THEMES.find(({ id }) => id === chosen)?.icon ?? "monitor";
  return (
    <Suspense fallback={<span className="btn icon-only" />}>
      <Menu
        label={`Theme: ${chosen}`}
        className="btn icon-only"
        button={<Icon name={icon} />}
        selected={chosen}
        items={THEMES}
        onAction={(id) => {
          choose(id as Theme);
        }}
      />
    </Suspense>
  );
}

function UserMenu({ name, handle }: { name: string; handle: string }) {
  const visit = useVisit();
  const leave = useAct(signOut, {
    onSuccess: () => {
      visit("/");
      toast("You are signed out");
    },
    onError: () => {
      toast("You are still signed in: the service could not be reached.");
    },
  });
  return (
    <Suspense
      fallback={
        <span className="av-button">
          <Avatar name={name} size="sm" />
        </span>
      }
    >
      <Menu
        label={`Your account, ${name}`}
        className="av-button"
        button={<Avatar name={name} size="sm" />}
        items={[
          { id: "profile", label: "Your page" },
          { id: "drafts", label: "Drafts and posts" },
          { id: "leave", label: "Sign out" },
        ]}
        onAction={(id) => {
          if (id === "leave") leave.mutate(undefined);
          else visit(id === "profile" ? personPath(handle) : "/drafts");
        }}
      />
    </Suspense>
  );
}
