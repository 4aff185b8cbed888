/** Two panes that scroll together, each as far through as the other. */
import { useEffect, useRef } from "react";

export function useSyncedScroll(on: boolean) {
  const left = useRef<HTMLElement>(null);
  const right = useRef<HTMLElement>(null);
  useEffect(() => {
    const [a, b] = [left.current, right.current];
    if (!on || !a || !b) return undefined;
    // A pane that was moved by us reports a scroll too; it must not move the first one back.
    let moved: HTMLElement | null = null;
    const follow = (one: HTMLElement, other: HTMLElement) => () => {
      if (moved === one) {
        moved = null;
        return;
      }
      const way = one.scrollHeight - one.clientHeight;
      const target = Math.round(way > 0 ? (one.scrollTop / way) * (other.scrollHeight - other.clientHeight) : 0);
      if (Math.abs(other.scrollTop - target) < 1) return;
      moved = other;
      other.scrollTop = target;
    };
    const onLeft = follow(a, b);
    const onRight = follow(b, a);
    a.addEventListener("scroll", onLeft, { passive: true });
    b.addEventListener("scroll", onRight, { passive: true });
    return () => {
      a.removeEventListener("scroll", onLeft);
      b.removeEventListener("scroll", onRight);
    };
  }, [on]);
  return { left, right };
}
