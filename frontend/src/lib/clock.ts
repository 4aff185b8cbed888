/** The time, for components that show how long ago something was. */
import { useEffect, useState } from "react";

/** The current time, read again every `every` milliseconds; `null` stops it. */
export function useNow(every: number | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (every === null) return undefined;
    const timer = setInterval(() => {
      setNow(Date.now());
    }, every);
    return () => {
      clearInterval(timer);
    };
  }, [every]);
  return now;
}

/** Whole seconds until `at`, 0 once it has come. */
export function useSecondsUntil(at: number | null): number {
  const now = useNow(at === null ? null : 250);
  return at === null ? 0 : Math.max(0, Math.ceil((at - now) / 1000));
}
