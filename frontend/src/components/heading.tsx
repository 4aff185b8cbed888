/** The one `h1` of a page. It names the window, and takes focus when the page was reached by a link within the app. */
import { type ReactNode, useEffect, useRef } from "react";

import { arrived } from "@/lib/arrival";

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "" ? "Inkstream" : `${title} · Inkstream`;
  }, [title]);
}

export function Heading({ className, title, children }: { className?: string; title: string; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(title);
  useEffect(() => {
    if (arrived()) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 className={className} tabIndex={-1} ref={heading}>
      {children ?? title}
    </h1>
  );
}
