/** Where a comment is written. Its text is kept on this device until it stands below. */
import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";

import { Button } from "@/components/button";
import { ErrorNote } from "@/components/error-note";
import { Refused } from "@/lib/api/problem";
import { useAct } from "@/lib/api/use-act";
import { keep, kept, letGo } from "@/lib/kept";
import { signInPath } from "@/lib/paths";
import { session } from "@/lib/session";
import { useStore } from "@/lib/store";
import { toast } from "@/lib/toasts";
import { useVisit } from "@/lib/visit";

import { commentsOf, insert, postComment, replace, stopReading, type ThreadComment } from "../api/comments";

const LONGEST = 10_000;

interface Props {
  postId: string;
  parent?: ThreadComment;
  onDone?: () => void;
}

export function Composer({ postId, parent, onDone }: Props) {
  const place = `comment.${postId}${parent ? `.${parent.id}` : ""}`;
  const id = useId();
  const client = useQueryClient();
  const visit = useVisit();
  const { state, user } = useStore(session);
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const [tooLong, setTooLong] = useState(false);
  /** Whether the comments were being read when this one came between. */
  const interrupted = useRef(false);

  useEffect(() => {
    // After the first picture, which is the server's, and again for who has just signed in.
    // eslint-disable-next-line react-hooks/set-state-in-effect -- storage is read once the page stands
    setText((now) => now || (kept<string>(place)?.value ?? ""));
  }, [place, user?.id]);
  useEffect(() => {
    if (parent) field.current?.focus();
  }, [parent]);

  const write = (value: string) => {
    setText(value);
    setTooLong(value.length > LONGEST);
    if (value === "") letGo(place);
    else keep(place, value);
  };

  const act = useAct(postComment, {
    onMutate: async (body) => {
      setText("");
      const temporary = draftOf(body.body, postId, parent, user);
      interrupted.current = await stopReading(client, postId);
      insert(client, temporary);
      return temporary;
    },
    onSuccess: async (comment, _, temporary) => {
      const { depth, path, id: was } = temporary as ThreadComment;
      interrupted.current = (await stopReading(client, postId)) || interrupted.current;
      replace(client, postId, was, { ...comment, depth, path });
      letGo(place);
      toast("Comment posted");
      requestAnimationFrame(() => document.getElementById(`comment-${comment.id}`)?.focus());
      onDone?.();
    },
    onError: (error, body, temporary) => {
      replace(client, postId, (temporary as ThreadComment).id, null);
      setText((now) => now || body.body);
      if (error instanceof Refused && error.status === 401) return;
      const refused = error instanceof Refused && error.status < 500;
      toast(`${refused ? "Your comment was not posted." : "It is not known yet whether your comment was posted."} Its text is back in the box.`);
    },
    onSettled: () => {
      if (interrupted.current) void client.invalidateQueries({ queryKey: commentsOf(postId).queryKey });
    },
  });

  const send = () => {
    const body = text.trim();
    if (body === "") {
      field.current?.focus();
      return;
    }
    if (tooLong) return;
    if (state === "out") visit(signInPath(`${location.pathname}#comments`));
    else act.mutate({ post_id: postId, body, ...(parent ? { parent_id: parent.id } : {}) });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && parent) onDone?.();
  };

  const expired = act.error instanceof Refused && act.error.status === 401;
  return (
    <form
      className="composer field needs-script"
      onSubmit={(event) => {
        event.preventDefault();
        if (!act.isPending) send();
      }}
    >
      <label htmlFor={parent ? id : "comment"}>{parent ? `Reply to ${parent.author.name}` : "Join the discussion"}</label>
      <textarea
        className="input"
        id={parent ? id : "comment"}
        rows={3}
        ref={field}
        value={text}
        aria-invalid={tooLong || undefined}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          write(event.target.value);
        }}
      />
      <div className="composer-foot">
        <span className={tooLong ? "err" : "hint"}>
          {tooLong ? `${(text.length - LONGEST).toLocaleString("en")} characters too many` : "Markdown works."}
        </span>
        {parent && (
          <Button className="btn" onPress={onDone}>
            Cancel
          </Button>
        )}
        <Button className="btn primary" type="submit" busy={act.isPending}>
          {state === "out" ? "Sign in to comment" : parent ? "Reply" : "Comment"}
        </Button>
      </div>
      {act.error && !expired && <ErrorNote error={act.error} retry={send} />}
      {expired && (
        <p className="note">
          You are signed out. Your text is kept here. <a href={signInPath(`${location.pathname}#comments`)}>Sign in to post it</a>
        </p>
      )}
    </form>
  );
}

function draftOf(body: string, postId: string, parent: ThreadComment | undefined, user: ThreadComment["author"] | null): ThreadComment {
  const now = new Date().toISOString();
  return {
    id: crypto.randomUUID(),
    post_id: postId,
    post_version: 0,
    parent_id: parent?.id ?? null,
    author: user ?? { id: "", handle: "", name: "You" },
    body,
    html: body.split(/\n{2,}/).map((part) => `<p>${escape(part)}</p>`).join(""),
    state: "visible",
    version: 0,
    created_at: now,
    revised_at: null,
    counts: { likes: 0, replies: 0 },
    depth: parent ? parent.depth + 1 : 0,
    path: "",
    pending: true,
  };
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${String(sign.charCodeAt(0))};`);
}
