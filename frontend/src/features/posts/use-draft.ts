/**
 * The life of a text in the editor: changed, kept on this device, saved, and met by somebody else's change.
 *
 * `base` is the version that the text started from. A save names it, so that nothing is overwritten unseen.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";

import { Refused } from "@/lib/api/problem";
import { useAct } from "@/lib/api/use-act";
import { toast } from "@/lib/toasts";
import { keep, kept, letGo } from "@/lib/kept";

import { EMPTY, ownPost, type Post, readPost, sameText, save, type Text, textOf } from "./api/posts";

/** Keystrokes come closer together than this. */
const IDLE = 600;

export interface Draft {
  text: Text;
  base: Post | null;
  dirty: boolean;
  /** The unsaved text is also in this device's storage. */
  onDevice: boolean;
  savedAt: number | null;
  saving: boolean;
  phase: "sending" | "retrying" | "asking";
  error: Error | null;
  /** The post as somebody else left it, while ours has not been reconciled with it. */
  theirs: Post | null;
  /** When the text that was found on this device had been left. */
  restoredFrom: number | null;
  change: (part: Partial<Text>) => void;
  save: () => Promise<Post | null>;
  /** Tells the draft about a version that was made elsewhere on this page. */
  adopt: (post: Post) => void;
  takeTheirs: () => void;
  keepMine: () => Promise<Post | null>;
  discardRestored: () => void;
}

export function useDraft(initial: Post | null, onCreated: (post: Post) => void): Draft {
  const client = useQueryClient();
  const [base, setBase] = useState(initial);
  const [found] = useState(() => kept<Text & { version: number | null }>(placeOf(initial)));
  const start = initial ? textOf(initial) : EMPTY;
  const restored = found !== null && !sameText(found.value, start) ? found : null;
  const [text, setText] = useState<Text>(restored ? pick(restored.value) : start);
  const [restoredFrom, setRestoredFrom] = useState(restored?.at ?? null);
  const [savedAt, setSavedAt] = useState<number | null>(null);
  const [onDevice, setOnDevice] = useState(restored !== null);
  const [theirs, setTheirs] = useState<Post | null>(null);
  const act = useAct(save);
  // A text that was left here belongs to the version it was written on: saving it over a newer one must ask first.
  const version = useRef(restored?.value.version ?? initial?.version ?? null);

  const dirty = !sameText(text, base ? textOf(base) : EMPTY);

  useEffect(() => {
    if (!dirty) return undefined;
    const timer = setTimeout(() => {
      setOnDevice(keep(placeOf(base), { ...text, version: version.current }));
    }, IDLE);
    return () => {
      clearTimeout(timer);
    };
  }, [text, dirty, base]);

  const adopt = useCallback(
    (post: Post) => {
      letGo(placeOf(null));
      letGo(placeOf(post));
      version.current = post.version;
      client.setQueryData(ownPost(post.id).queryKey, post);
      void client.invalidateQueries({ queryKey: ["mine"] });
      if (post.stage === "published") {
        client.removeQueries({ queryKey: ["article"] });
        void client.invalidateQueries({ queryKey: ["entries"] });
      }
      setBase(post);
      setOnDevice(false);
      setRestoredFrom(null);
      setSavedAt(Date.now());
    },
    [client],
  );

  const send = async (over: Post | null): Promise<Post | null> => {
    const sent = text;
    try {
      const saved = await act.mutateAsync({ base: over && { id: over.id, version: over === base ? (version.current ?? over.version) : over.version }, text: sent });
      // The service may have put it in order (its Unicode form, a space at the end); what was typed since stays.
      setText((now) => (sameText(now, sent) ? textOf(saved) : now));
      adopt(saved);
      setTheirs(null);
      if (base === null) onCreated(saved);
      return saved;
    } catch (error) {
      if (over !== null && error instanceof Refused && error.status === 412) setTheirs(await readPost(over.id).catch(() => null));
      return null;
    }
  };

  return {
    text,
    base,
    dirty,
    onDevice,
    savedAt,
    saving: act.isPending,
    phase: act.phase,
    error: act.error,
    theirs,
    restoredFrom,
    change: (part) => {
      setText((now) => ({ ...now, ...part }));
    },
    save: () => send(base),
    adopt,
    takeTheirs: () => {
      if (theirs === null) return;
      const mine = text;
      setText(textOf(theirs));
      adopt(theirs);
      toast("The other text is in the editor", {
        label: "Undo",
        run: () => {
          setText(mine);
        },
      });
      setTheirs(null);
      act.reset();
    },
    keepMine: () => send(theirs),
    discardRestored: () => {
      letGo(placeOf(base));
      version.current = base?.version ?? null;
      setText(base ? textOf(base) : EMPTY);
      setOnDevice(false);
      setRestoredFrom(null);
    },
  };
}

function placeOf(post: Post | null): string {
  return `post.${post?.id ?? "new"}`;
}

function pick({ title, body, tags, excerpt }: Text): Text {
  return { title, body, tags, excerpt };
}
