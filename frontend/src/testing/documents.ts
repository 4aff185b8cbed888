/** The sample pages as whole documents, with the addresses of what was built. */
import { readFileSync } from "node:fs";

interface Chunk {
  file: string;
  css?: string[];
  assets?: string[];
}

export type Renderable = (sample: string) => string;

/** Fills in what a server takes from Vite's manifest (MARKUP.md, "Head"). */
export function renderable(dist: URL): Renderable {
  const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8")) as Record<string, Chunk>;
  const font = (name: string) => `/${manifest[`node_modules/@fontsource-variable/${name}`]?.file ?? ""}`;
  const main = manifest["src/main.tsx"];
  const values: Record<string, string> = {
    theme: `/${manifest["src/theme.ts"]?.file ?? ""}`,
    icon: `/${manifest["src/icon.svg"]?.file ?? ""}`,
    entry: `/${main?.file ?? ""}`,
    stylesheet: `/${main?.css?.[0] ?? ""}`,
    font_text: font("source-serif-4/files/source-serif-4-latin-wght-normal.woff2"),
    font_italic: font("source-serif-4/files/source-serif-4-latin-wght-italic.woff2"),
    font_ui: font("inter/files/inter-latin-wght-normal.woff2"),
  };
  return (sample) => {
    const html = readFileSync(new URL(`pages/${sample}.html`, import.meta.url), "utf8");
    return html.replace(/\{\{ (\w+) \}\}/g, (_, name: string) => values[name] ?? "");
  };
}

export function sampleAt(path: string, empty: boolean): { sample: string; status: number } {
  if (path === "/") return { sample: empty ? "home-empty" : "home", status: 200 };
  if (path === "/@mira/the-log-is-the-story" && !empty) return { sample: "article", status: 200 };
  if (path === "/@mira" && !empty) return { sample: "profile", status: 200 };
  if (/^\/@\w+(\/[^/]+)?$/.test(path) || /^\/(sign-in|sign-up|drafts|write(\/[^/]+)?)$/.test(path)) return { sample: "shell", status: 200 };
  return { sample: "not-found", status: 404 };
}

export function document(pages: Renderable, path: string, empty: boolean, policy: string): Response {
  const { sample, status } = sampleAt(path, empty);
  return new Response(pages(sample), { status, headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy } });
}
