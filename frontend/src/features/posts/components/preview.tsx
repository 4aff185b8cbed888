/** The text as readers will see it, rendered by the server a moment after the typing pauses. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { ErrorNote } from "@/components/error-note";
import { ServerHtml } from "@/components/server-html";
import { Lines } from "@/components/skeleton";
import { Refused } from "@/lib/api/problem";
import { count } from "@/lib/count";

import { preview, type Text } from "../api/posts";

const PAUSE = 350;

export function Preview({ text }: { text: Text }) {
  const [body, setBody] = useState(text.body);
  useEffect(() => {
    const timer = setTimeout(() => {
      setBody(text.body);
    }, PAUSE);
    return () => {
      clearTimeout(timer);
    };
  }, [text.body]);
  const { data, error, refetch, isFetching } = useQuery({ ...preview(body), placeholderData: keepPreviousData, enabled: body !== "" });
  const signedOut = error instanceof Refused && error.status === 401;

  return (
    <>
      <div className="title">{text.title || "Untitled"}</div>
      {body === "" ? (
        <p className="quiet">What you write appears here as readers will see it.</p>
      ) : (
        <>
          {signedOut && <p className="quiet">The preview is drawn once you are signed in again.</p>}
          {error && !signedOut && <ErrorNote error={error} retry={() => void refetch()} busy={isFetching} />}
          {data ? <ServerHtml className="prose" html={data.html} /> : !error && <Lines />}
          {data && (
            <p className="hint">
              {count(data.words, "word")} · {data.reading_minutes} min read
            </p>
          )}
        </>
      )}
    </>
  );
}
