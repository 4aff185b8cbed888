/** What went wrong: what happened, what is safe, what to do; the request's number under Details. */
import { useSecondsUntil } from "@/lib/clock";
import { explain, Refused } from "@/lib/api/problem";

import { Button } from "./button";

export function ErrorNote({ error, retry, busy = false }: { error: unknown; retry?: (() => void) | undefined; busy?: boolean }) {
  const { what, todo, requestId } = explain(error);
  const listed = error instanceof Refused ? error.errors : [];
  const seconds = useSecondsUntil(error instanceof Refused ? error.retryAt : null);
  return (
    <div className="note bad" role="alert">
      <div className="note-text">
        <p>
          <strong>{what}</strong> {todo}
          {seconds > 0 && <span aria-live="off"> You can try again in {seconds} s.</span>}
        </p>
        {listed.length > 0 && (
          <ul>
            {listed.map((one) => (
              <li key={one.pointer + one.detail}>
                {one.pointer.slice(1)} {one.detail}
              </li>
            ))}
          </ul>
        )}
        {requestId !== null && (
          <details>
            <summary>Details</summary>
            Request <code>{requestId}</code>
          </details>
        )}
      </div>
      {retry && (
        <Button className="btn sm outline" onPress={retry} busy={busy} disabled={seconds > 0}>
          Try again
        </Button>
      )}
    </div>
  );
}
