/** The editor for a new post or one of mine. */
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";

import { ArticleSkeleton } from "@/components/skeleton";
import { ownPost } from "@/features/posts/api/posts";
import { Editor } from "@/features/posts/components/editor";
import { Refused } from "@/lib/api/problem";
import { editPath, pathOf } from "@/lib/paths";
import { session } from "@/lib/session";
import { useStore } from "@/lib/store";
import { toast } from "@/lib/toasts";

import { writeRoute } from "../router";
import { Framed } from "../shell";
import { Failed } from "./failed";
import { NotFound } from "./not-found";

export function WritePage() {
  const { id } = writeRoute.useParams();
  const { history } = useRouter();
  const [user] = useState(() => session.get().user);
  // A draft that was just saved for the first time gets its address; it is the same text in the same editor.
  const [open, setOpen] = useState({ id, created: id });
  if (open.id !== id && open.created !== id) setOpen({ id, created: id });
  const { data: post, error } = useQuery({ ...ownPost(open.id ?? ""), enabled: open.id !== undefined, staleTime: Infinity });
  const { handle } = useStore(session).user ?? user ?? { handle: "" };

  if (open.id !== undefined && post === undefined) {
    if (error === null) return <Framed><ArticleSkeleton /></Framed>;
    const missing = error instanceof Refused && [403, 404, 410, 422].includes(error.status);
    return <Framed>{missing ? <NotFound /> : <Failed error={error} />}</Framed>;
  }
  const title = post?.title ? `Edit: ${post.title}` : "Write";
  return (
    <Editor
        key={open.id ?? "new"}
        heading={title}
        initial={post ?? null}
        handle={handle}
        onCreated={(created) => {
          setOpen({ id: open.id, created: created.id });
          history.replace(editPath(created.id), undefined, { ignoreBlocker: true });
        }}
        onPublished={(shown) => {
          history.push(pathOf(shown.author.handle || handle, shown.slug), undefined, { ignoreBlocker: true });
          toast("Published");
        }}
      />
  );
}
