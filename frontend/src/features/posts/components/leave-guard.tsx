/** Asks before a page with unsaved text is left. */
import { useBlocker } from "@tanstack/react-router";

import { Button } from "@/components/button";
import { Dialog } from "@/components/dialog";

import type { Draft } from "../use-draft";
import styles from "./editor.module.css";

export function LeaveGuard({ draft }: { draft: Draft }) {
  const blocker = useBlocker({
    // Who leaves to sign in comes back to the text that is kept here.
    shouldBlockFn: ({ current, next }) => draft.dirty && current.pathname !== next.pathname && !(next.pathname === "/sign-in" && draft.onDevice),
    enableBeforeUnload: () => draft.dirty,
    withResolver: true,
  });
  const blocked = blocker.status === "blocked";
  return (
    <Dialog title="Leave without saving?" role="alertdialog" open={blocked} onClose={() => blocker.reset?.()}>
      <p>{draft.onDevice ? "Your changes are kept on this device and will be here when you come back to this post." : "Your last changes would be lost."}</p>
      <div className={styles.choices}>
        <Button className="btn" onPress={() => blocker.proceed?.()}>
          Leave
        </Button>
        <Button className="btn outline" onPress={() => blocker.reset?.()}>
          Stay
        </Button>
        <Button
          className="btn primary"
          busy={draft.saving}
          onPress={() =>
            void draft.save().then((saved) => {
              if (saved) blocker.proceed?.();
              else blocker.reset?.();
            })
          }
        >
          Save and leave
        </Button>
      </div>
    </Dialog>
  );
}
