/**
 * The app without its services: `npm run build && npm run dev:mock`, then open the printed address.
 *
 * It serves what was built, the sample pages with the content policy of production, and an API in memory. Sign in as `mira` with
 * `a long password`. `?status=503` and the like on a page make the API answer so; `PORT` chooses the port.
 */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

import { Backend, problem } from "./backend.ts";
import { document, renderable, type Renderable } from "./documents.ts";
import { ADA, library, MIRA, postOf } from "./samples.ts";

const DIST = new URL("../../dist/", import.meta.url);
const TYPES: Record<string, string> = { ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml" };
const POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' https:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const empty = process.argv.includes("--empty");
const backend = new Backend(empty ? [] : library());
backend.register({ ...MIRA, role: "admin" });
backend.register(ADA);
if (!empty)
  backend.posts.push(
    { ...postOf({ id: "0190b000-0000-7000-8000-000000000999", title: "Notes for a second part", body: "## What the writer gets\n\nReaders see **edited** with a link, and the link shows the difference.\n\n> A correction you can see is worth ten you cannot.", stage: "draft", excerpt: "", comments: { items: [], next: null } }), slug: null, url: null },
  );

const pages: Renderable = renderable(DIST);

async function answer(message: IncomingMessage): Promise<Response> {
  const url = new URL(message.url ?? "/", "http://mock");
  if (url.pathname.startsWith("/assets/")) return asset(url.pathname);
  if (url.pathname === "/readyz") return new Response("ready\n");
  if (!url.pathname.startsWith("/api/")) return document(pages, url.pathname, empty, POLICY);
  const wanted = new URL(message.headers.referer ?? "http://mock/").searchParams.get("status");
  if (wanted !== null && !url.pathname.startsWith("/api/auth/")) return problem(Number(wanted), "asked-for", "This answer was asked for", {}, { "Retry-After": "30" });
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) if (typeof value === "string") headers.set(name, value);
  const method = message.method ?? "GET";
  return backend.handle(new Request(url, { method, headers, ...(method === "GET" ? {} : { body }) }));
}

function asset(path: string): Response {
  try {
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    return new Response(readFileSync(new URL(`.${path}`, DIST)), { headers: { "Content-Type": type, "Cache-Control": "public, max-age=31536000, immutable" } });
  } catch {
    return new Response("not found\n", { status: 404 });
  }
}

const server = createServer((message, reply) => {
  void answer(message).then(async (response) => {
    const isSession = /\/api\/auth\/(login|register|refresh)$/.test(message.url ?? "") && response.ok;
    if (isSession) response.headers.set("Set-Cookie", "inkstream_signed_in=1; Path=/; SameSite=Lax");
    reply.writeHead(response.status, Object.fromEntries(response.headers));
    reply.end(Buffer.from(await response.arrayBuffer()));
  });
});
server.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
});
