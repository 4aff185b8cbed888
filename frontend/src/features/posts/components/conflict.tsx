/** Somebody saved the post in between: what happened, and the two ways on. */
import { useEffect, useRef } from "react";

import { Button } from "@/components/button";
import { When } from "@/components/when";

import type { Draft } from "../use-draft";
import styles from "./editor.module.css";

export function Conflict({ draft }: { draft: Draft }) {
  const { theirs } = draft;
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    panel.current?.focus();
  }, []);
  if (theirs === null) return null;
  return (
    <section className={styles.conflict} ref={panel} tabIndex={-1} role="alert" aria-labelledby="conflict-title">
      <h2 id="conflict-title">This post was changed elsewhere</h2>
      <p>
        It was saved <When at={theirs.revised_at ?? theirs.created_at} flowing /> in another window or on another device, after you had opened it here. Nothing was
        overwritten: your text is in the editor, the other one is stored.
      </p>
      <details>
        <summary>Show the other text</summary>
        <p>
          <strong>{theirs.title}</strong>
        </p>
        <pre tabIndex={0}>{theirs.body}</pre>
      </details>
      <div className={styles.choices}>
        <Button className="btn outline" onPress={draft.takeTheirs}>
          Load theirs
        </Button>
        <Button className="btn primary" busy={draft.saving} onPress={() => void draft.keepMine()}>
          Keep mine
        </Button>
        <span className="hint">Either way the other one stays in the post’s history.</span>
      </div>
    </section>
  );
}
