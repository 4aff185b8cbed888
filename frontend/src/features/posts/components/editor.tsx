/** Where a post is written: title, text, and beside them how it will look. */
import { type KeyboardEvent, useRef, useState } from "react";

import { Button } from "@/components/button";
import { ErrorNote } from "@/components/error-note";
import { Heading } from "@/components/heading";
import { Icon } from "@/components/icon";
import { When } from "@/components/when";
import { Refused } from "@/lib/api/problem";
import { useMedia } from "@/lib/media";
import { editPath, pathOf, signInPath } from "@/lib/paths";
import { session } from "@/lib/session";
import { useStore } from "@/lib/store";

import type { Post } from "../api/posts";
import { useDraft } from "../use-draft";
import { useSyncedScroll } from "../use-synced-scroll";
import { Conflict } from "./conflict";
import styles from "./editor.module.css";
import { LeaveGuard } from "./leave-guard";
import { Preview } from "./preview";
import { PublishSheet } from "./publish-sheet";
import { Status } from "./status";
import { markOf, put, Toolbar } from "./toolbar";
import { Views, type View } from "./views";

interface Props {
  heading: string;
  initial: Post | null;
  handle: string;
  onCreated: (post: Post) => void;
  onPublished: (post: Post) => void;
}

export function Editor({ heading, initial, handle, onCreated, onPublished }: Props) {
  const draft = useDraft(initial, onCreated);
  const { text, base, error } = draft;
  const { state } = useStore(session);
  const wide = useMedia("(min-width: 68.75rem)");
  const [view, setView] = useState<View>("write");
  const [beside, setBeside] = useState(true);
  const [publishing, setPublishing] = useState(false);
  const source = useRef<HTMLTextAreaElement>(null);
  const { left, right } = useSyncedScroll(wide && beside);
  const published = base?.stage === "published";
  const writing = wide || view === "write";
  const previewing = wide ? beside : view === "preview";
  const titleError = error instanceof Refused ? error.field("title") : undefined;
  const signedOut = state === "out";
  const unexplained = error !== null && draft.theirs === null && titleError === undefined && !signedOut;

  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.metaKey || event.ctrlKey) || event.altKey) return;
    const mark = event.target === source.current ? markOf(event.key) : undefined;
    if (event.key === "s") void draft.save();
    else if (event.key === "Enter") setPublishing(true);
    else if (mark) put(source.current, mark);
    else return;
    event.preventDefault();
  };

  return (
    <div className={styles.editor} onKeyDown={onKeyDown}>
      <header className={`bar ${styles.bar ?? ""}`}>
        <div>
          <a className="btn" href="/drafts" aria-label="Drafts">
            <Icon name="back" />
            <span className="hide-s">Drafts</span>
          </a>
          <Status draft={draft} className={styles.status} />
          {wide && (
            <button
              className="btn"
              type="button"
              aria-pressed={beside}
              onClick={() => {
                setBeside(!beside);
              }}
            >
              Preview
            </button>
          )}
          {published && (
            <a className="btn hide-s" href={pathOf(handle, base.slug)}>
              View
            </a>
          )}
          <Button className={published ? "btn primary" : "btn outline"} busy={draft.saving} disabled={!draft.dirty && base !== null} onPress={() => void draft.save()}>
            {published ? "Save changes" : "Save draft"}
          </Button>
          <Button
            className={published ? "btn" : "btn primary"}
            onPress={() => {
              setPublishing(true);
            }}
          >
            {published ? "Details…" : "Publish…"}
          </Button>
        </div>
      </header>
      <div className={styles.tools}>
        {!wide && <Views view={view} onChange={setView} />}
        <Toolbar field={source} hidden={!writing} />
      </div>
      <main id="main" className={`${styles.panes ?? ""} ${wide && beside ? (styles.two ?? "") : ""}`} tabIndex={-1}>
        <Heading className="hidden" title={heading} />
        <section className={styles.pane} id="pane-write" ref={left} hidden={!writing} {...(wide ? { "aria-label": "Write" } : { role: "tabpanel", "aria-labelledby": "tab-write" })}>
          {draft.theirs && <Conflict draft={draft} />}
          {unexplained && !draft.saving && <ErrorNote error={error} retry={() => void draft.save()} />}
          {signedOut && (
            <p className="note">
              <span>You are signed out. Your text is kept on this device.</span>
              <a href={signInPath(base ? editPath(base.id) : "/write")}>Sign in to save it</a>
            </p>
          )}
          {draft.restoredFrom !== null && (
            <div className="note">
              <span>
                Unsaved text from this device, <When at={new Date(draft.restoredFrom).toISOString()} flowing />.
              </span>
              <Button className="btn sm outline" onPress={draft.discardRestored}>
                Discard it
              </Button>
            </div>
          )}
          {published && draft.dirty && <p className="hint">This post is public: readers see your changes as soon as you save them.</p>}
          <textarea
            className={styles.title}
            aria-label="Title"
            placeholder="Title"
            rows={1}
            maxLength={200}
            value={text.title}
            // A new page is for writing: the first thing in it is the title.
            autoFocus={initial === null}
            aria-invalid={titleError !== undefined || undefined}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.metaKey || event.ctrlKey) return;
              event.preventDefault();
              source.current?.focus();
            }}
            onChange={(event) => {
              draft.change({ title: event.target.value.replaceAll("\n", " ") });
            }}
          />
          {titleError !== undefined && <p className="err">{titleError}</p>}
          <textarea
            className={styles.source}
            aria-label="Text, in Markdown"
            placeholder="Write…"
            rows={12}
            ref={source}
            value={text.body}
            onChange={(event) => {
              draft.change({ body: event.target.value });
            }}
          />
        </section>
        <section
          className={styles.pane}
          id="pane-preview"
          ref={right}
          hidden={!previewing}
          tabIndex={0}
          {...(wide ? { "aria-label": "Preview" } : { role: "tabpanel", "aria-labelledby": "tab-preview" })}
        >
          {previewing && <Preview text={text} />}
        </section>
      </main>
      <PublishSheet
        draft={draft}
        handle={handle}
        open={publishing}
        onClose={() => {
          setPublishing(false);
        }}
        onPublished={onPublished}
      />
      <LeaveGuard draft={draft} />
    </div>
  );
}
