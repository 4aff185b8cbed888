/** Plain links, also those in what people wrote, change the page without loading it anew where the page is the app's. */
import { useRouter } from "@tanstack/react-router";
import { type ReactNode, useCallback, useEffect } from "react";

import { isOwn } from "@/lib/paths";
import { Visit } from "@/lib/visit";

export function Links({ children }: { children: ReactNode }) {
  const { history } = useRouter();
  const visit = useCallback(
    (path: string) => {
      history.push(path);
    },
    [history],
  );
  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
      if (link?.target !== "" || link.hasAttribute("download")) return;
      const url = new URL(link.href);
      if (url.origin !== location.origin || !isOwn(url.pathname)) return;
      // A place on this page is the browser's business.
      if (url.pathname === location.pathname && url.search === location.search && url.hash !== "") return;
      event.preventDefault();
      visit(url.pathname + url.search + url.hash);
    };
    document.addEventListener("click", onClick);
    return () => {
      document.removeEventListener("click", onClick);
    };
  }, [visit]);
  return <Visit value={visit}>{children}</Visit>;
}
