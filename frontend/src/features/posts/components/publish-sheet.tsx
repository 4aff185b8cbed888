/** The last look before a post is shown to everyone: its address, its excerpt, its tags. */
import { useId, useRef, useState } from "react";

import { Button } from "@/components/button";
import { Dialog } from "@/components/dialog";
import { ErrorNote } from "@/components/error-note";
import { Field } from "@/components/field";
import { Refused } from "@/lib/api/problem";
import { useAct } from "@/lib/api/use-act";
import { slugOf } from "@/lib/slug";

import { type Post, publish } from "../api/posts";
import type { Draft } from "../use-draft";
import styles from "./editor.module.css";
import { TagsField } from "./tags-field";

interface Props {
  draft: Draft;
  handle: string;
  open: boolean;
  onClose: () => void;
  onPublished: (post: Post) => void;
}

export function PublishSheet({ draft, handle, open, onClose, onPublished }: Props) {
  const published = draft.base?.stage === "published";
  return (
    <Dialog title={published ? "Excerpt and tags" : "Publish"} open={open} onClose={onClose}>
      <Form draft={draft} handle={handle} published={published} onClose={onClose} onPublished={onPublished} />
    </Dialog>
  );
}

function Form({ draft, handle, published, onClose, onPublished }: Omit<Props, "open"> & { published: boolean }) {
  const excerptId = useId();
  const { text, base } = draft;
  const suggested = base?.slug ?? slugOf(text.title);
  const [slug, setSlug] = useState(suggested);
  const act = useAct(publish);
  const error = act.error ?? draft.error;
  const refused = error instanceof Refused ? error : null;
  const slugError = refused?.field("slug") ?? (act.error && refused?.status === 409 ? "This address is taken by another of your posts." : undefined);
  const busy = draft.saving || act.isPending;
  const untitled = text.title.trim() === "";

  // A second click can come before the first one shows: it must not publish, and leave the page, twice.
  const sending = useRef(false);
  const send = async () => {
    if (sending.current || untitled) return;
    sending.current = true;
    await show().finally(() => {
      sending.current = false;
    });
  };
  const show = async () => {
    const saved = draft.dirty || base === null ? await draft.save() : base;
    if (saved === null) return;
    if (published) {
      onClose();
      return;
    }
    try {
      const shown = await act.mutateAsync({ id: saved.id, version: saved.version, slug: slug.trim() });
      draft.adopt(shown);
      onPublished(shown);
    } catch {
      // The error stands in the sheet.
    }
  };

  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {untitled && (
        <p className="note bad" role="alert">
          A post needs a title before it can be shown.
        </p>
      )}
      {!published && (
        <Field
          label="Address"
          value={slug}
          onText={setSlug}
          spellCheck={false}
          autoCapitalize="none"
          error={slugError}
          hint={
            <span className={styles.url}>
              {location.host}/@{handle}/<b>{slug || "…"}</b>
            </span>
          }
        />
      )}
      <div className="field">
        <label htmlFor={excerptId}>Excerpt</label>
        <textarea
          className="input"
          id={excerptId}
          rows={3}
          maxLength={300}
          value={text.excerpt}
          aria-describedby={`${excerptId}-hint`}
          onChange={(event) => {
            draft.change({ excerpt: event.target.value });
          }}
        />
        <p className="hint" id={`${excerptId}-hint`}>
          One or two sentences under the title. Empty: lists show how the text begins.
        </p>
      </div>
      <TagsField
        tags={text.tags}
        error={refused?.field("tags")}
        onChange={(tags) => {
          draft.change({ tags });
        }}
      />
      {error && slugError === undefined && !busy && <ErrorNote error={error} />}
      <div className={styles.choices}>
        <Button className="btn" onPress={onClose}>
          {published ? "Close" : "Not yet"}
        </Button>
        <Button className="btn primary" type="submit" busy={busy} disabled={untitled}>
          {published ? "Save changes" : "Publish"}
        </Button>
      </div>
      {draft.theirs && <p className="note bad">The post was changed elsewhere. Close this sheet to choose which text to go on with.</p>}
    </form>
  );
}
