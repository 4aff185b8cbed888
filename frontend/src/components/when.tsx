/** A time: the date at first, as the server wrote it; then, while it is young, how long ago. Its width is reserved, but for `flowing` text. */
import { useEffect, useState } from "react";

import { useNow } from "@/lib/clock";
import { absolute, relative } from "@/lib/dates";

export function When({ at, flowing = false }: { at: string; flowing?: boolean }) {
  const [mounted, setMounted] = useState(false);
  const now = useNow(mounted ? 30_000 : null);
  useEffect(() => {
    // The first picture has to be the server's, to the letter.
    // eslint-disable-next-line react-hooks/set-state-in-effect -- this second picture is the point
    setMounted(true);
  }, []);
  return (
    <time className={flowing ? undefined : "when"} dateTime={at} title={mounted ? new Date(at).toLocaleString() : undefined}>
      {mounted ? relative(at, now) : absolute(at)}
    </time>
  );
}
