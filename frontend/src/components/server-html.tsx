/** HTML that the server rendered and sanitised; nothing else may come in here. */
import { type ComponentPropsWithRef, createElement } from "react";

export function ServerHtml({ html, ...rest }: { html: string } & ComponentPropsWithRef<"div">) {
  return createElement("div", { ...rest, dir: "auto", dangerouslySetInnerHTML: { __html: html } });
}
