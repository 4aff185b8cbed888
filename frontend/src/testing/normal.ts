/** Markup as it counts: without the white space between elements, attributes in order. */

/** What the server leaves to the app, or the app adds once it stands. */
const LATER = new Set(["title"]);

export function normal(node: Node): string {
  if (node.nodeType === Node.TEXT_NODE) return (node.textContent ?? "").replace(/\s+/g, " ").trim();
  if (!(node instanceof Element)) return "";
  const tag = node.tagName.toLowerCase();
  const attributes = [...node.attributes]
    .filter(({ name }) => !(tag === "time" && LATER.has(name)))
    .map(({ name, value }) => ` ${name}="${value}"`)
    .sort()
    .join("");
  const inner = node.matches(".account") ? [] : [...node.childNodes].map(normal).filter((text) => text !== "");
  return [`<${tag}${attributes}>`, ...inner.map((text) => text.replace(/^/gm, "  ")), `</${tag}>`].join("\n");
}

/** The part of a page that server and app both write. */
export function shared(root: Element): string {
  const copy = root.cloneNode(true) as Element;
  copy.normalize(); // React writes "7" and " min read" as two nodes
  return [...copy.querySelectorAll(":scope > :is(.skip, .bar, main)")].map(normal).join("\n");
}
