/**
 * A blog in memory that answers like the four services, as far as the app asks them.
 *
 * It takes a `Request` and gives a `Response`, so tests use it behind msw and the mock server behind HTTP.
 */
import type { components } from "../lib/api/types.ts";

import { entryOf, postOf } from "./samples.ts";

type Schemas = components["schemas"];
type Article = Schemas["Article"];
type Interruption = (request: Request) => Response | Promise<Response> | undefined;

type Account = Schemas["Me"] & {
  password: string;
};

export interface Seen {
  method: string;
  path: string;
  headers: Headers;
  body: unknown;
}

const PAGE = 20;

export class Backend {
  readonly accounts: Account[] = [];
  readonly posts: Article[];
  readonly seen: Seen[] = [];
  /** Each may answer in place of the service. */
  readonly interruptions: Interruption[] = [];
  /** Who the refresh cookie belongs to. */
  cookie: Account | null = null;
  readonly #answers = new Map<string, Response>();
  #tokens = new Map<string, Account>();
  #offset = 0;

  constructor(posts: Article[] = []) {
    this.posts = posts;
  }

  register(part: Partial<Account> & { handle: string }): Account {
    const account: Account = { id: crypto.randomUUID(), name: part.handle, email: `${part.handle}@example.org`, role: "writer", password: "a long password", ...part };
    this.accounts.push(account);
    return account;
  }

  /** Tokens given so far are not good any more. */
  expireTokens(): void {
    this.#tokens = new Map();
  }

  asked(method: string, path: string): Seen[] {
    return this.seen.filter((one) => one.method === method && one.path === path);
  }

  async handle(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const text = await request.clone().text();
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    this.seen.push({ method: request.method, path: url.pathname, headers: request.headers, body });
    for (const interrupt of this.interruptions) {
      const instead = await interrupt(request);
      if (instead) return instead;
    }
    const key = request.headers.get("Idempotency-Key");
    const before = key === null ? undefined : this.#answers.get(`${url.pathname} ${key}`);
    if (before) return before.clone();
    const response = this.#answer(request, url, (body ?? {}) as Record<string, unknown>);
    if (key !== null && response.ok) this.#answers.set(`${url.pathname} ${key}`, response.clone());
    return response;
  }

  #answer(request: Request, url: URL, body: Record<string, unknown>): Response {
    const route = `${request.method} ${url.pathname}`;
    const caller = this.#tokens.get(request.headers.get("Authorization")?.replace("Bearer ", "") ?? "");
    const [, first = "", second = ""] = /^\w+ \/api\/(?:posts|query\/(?:posts|users))\/([^/]+)(?:\/([^/]+))?$/.exec(route) ?? [];

    if (route === "POST /api/auth/register") return this.#registered(body as unknown as Schemas["Registration"]);
    if (route === "POST /api/auth/login") {
      const found = this.accounts.find(({ handle, email, password }) => (handle === body["login"] || email === body["login"]) && password === body["password"]);
      return found ? this.#session(found) : problem(401, "unauthenticated", "Handle, e-mail or password is wrong");
    }
    if (route === "POST /api/auth/refresh") return this.cookie ? this.#session(this.cookie) : problem(401, "unauthenticated", "There is no session");
    if (route === "POST /api/auth/logout") {
      this.cookie = null;
      return new Response(null, { status: 204 });
    }
    if (route === "GET /api/query/posts") {
      const author = url.searchParams.get("author");
      return this.#page(url, this.posts.filter((post) => post.stage === "published" && (author === null || post.author.handle === author)).map(entryOf));
    }
    if (route.startsWith("GET /api/query/users/")) {
      const author = this.posts.find((post) => post.author.handle === first)?.author ?? this.accounts.find(({ handle }) => handle === first);
      return author ? json({ id: author.id, handle: author.handle, name: author.name, bio: author.handle === "mira" ? "Writes about logs, pages and the people between them." : "" }) : problem(404, "not-found", "There is nobody of this name");
    }
    if (route.startsWith("GET /api/query/posts/")) {
      const post = this.posts.find(({ id, author, slug, stage }) => stage === "published" && (second === "comments" ? id === first : author.handle === first && slug === decodeURIComponent(second)));
      if (!post) return problem(404, "not-found", "There is no such post");
      return second === "comments" ? this.#page(url, post.comments.items) : json({ ...post, comments: { items: post.comments.items.slice(0, PAGE), next: post.comments.items.length > PAGE ? String(PAGE) : null } });
    }
    if (!caller) return problem(401, "unauthenticated", "Sign in first");
    if (route === "POST /api/posts/preview") return json({ html: rendered(String(body["body"])), toc: [], words: String(body["body"]).split(/\s+/).filter(Boolean).length, reading_minutes: 1, excerpt: "" });
    if (route === "GET /api/posts/mine") return this.#page(url, this.posts.filter((post) => post.author.id === caller.id && post.stage === url.searchParams.get("stage")));
    if (route === "POST /api/posts") return this.#drafted(caller, body as unknown as Schemas["PostText"]);
    if (route === "POST /api/comments") return this.#commented(caller, body as unknown as Schemas["NewComment"]);
    return this.#ownPost(request, caller, first, second, body);
  }

  #registered(body: Schemas["Registration"]): Response {
    if (this.accounts.some(({ handle }) => handle === body.handle)) return problem(409, "handle-taken", "This handle is taken");
    return this.#session(this.register({ ...body, name: body.name ?? body.handle }), 201);
  }

  #session(account: Account, status = 200): Response {
    this.cookie = account;
    const token = crypto.randomUUID();
    this.#tokens.set(token, account);
    const { id, handle, name, role } = account;
    return json({ user: { id, handle, name, role }, access_token: token, token_type: "Bearer", expires_in: 600 }, { status });
  }

  #page(url: URL, all: unknown[]): Response {
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const upTo = from + Number(url.searchParams.get("limit") ?? PAGE);
    return json({ items: all.slice(from, upTo), next: upTo < all.length ? String(upTo) : null });
  }

  #drafted({ id, handle, name }: Account, text: Schemas["PostText"]): Response {
    if (text.title === "") return problem(422, "invalid", "The post is not right yet", { errors: [{ pointer: "/title", detail: "must not be blank" }] });
    const now = new Date().toISOString();
    const post = postOf({ tags: [], excerpt: "", ...text, id: crypto.randomUUID(), author: { id, handle, name }, stage: "draft", slug: null, url: null, version: 1, created_at: now, revised_at: null, published_at: null, html: rendered(text.body), toc: [], edited: null, counts: { comments: 0, likes: 0 }, comments: { items: [], next: null } });
    this.posts.unshift({ ...post, slug: null, url: null });
    return this.#written(this.posts[0]!, 201);
  }

  #ownPost(request: Request, caller: Account, id: string, action: string, body: Record<string, unknown>): Response {
    const at = this.posts.findIndex((post) => post.id === id && post.author.id === caller.id);
    const post = this.posts[at];
    if (!post) return problem(404, "not-found", "There is no such post");
    if (request.method === "GET") return json(post, { headers: { ETag: `"${String(post.version)}"` } });
    const expected = request.headers.get("If-Match");
    if (expected !== null && expected !== `"${String(post.version)}"`) return problem(412, "stale", "The post was changed since", { current_version: post.version });
    const now = new Date().toISOString();
    const slug = typeof body["slug"] === "string" ? body["slug"] : post.title.toLowerCase().replace(/\W+/g, "-");
    const next: Article =
      action === "publish"
        ? { ...post, stage: "published", slug, url: `/@${caller.handle}/${slug}`, published_at: now, version: post.version + 1 }
        : { ...post, ...(body as Schemas["PostRevision"]), html: rendered((body as Schemas["PostRevision"]).body ?? post.body), summary: (body as Schemas["PostRevision"]).excerpt ?? "", revised_at: now, version: post.version + 1 };
    this.posts[at] = next;
    return this.#written(next);
  }

  #commented({ id, handle, name }: Account, { post_id, parent_id, body }: Schemas["NewComment"]): Response {
    const post = this.posts.find((one) => one.id === post_id);
    if (!post) return problem(404, "not-found", "There is no such post");
    const all = post.comments.items;
    const parent = all.findIndex((one) => one.id === parent_id);
    const depth = parent < 0 ? 0 : all[parent]!.depth + 1;
    let at = parent < 0 ? all.length : parent + 1;
    while (parent >= 0 && (all[at]?.depth ?? 0) >= depth) at++;
    const made = { id: crypto.randomUUID(), post_id, post_version: post.version, parent_id: parent_id ?? null, author: { id, handle, name }, body, html: rendered(body), state: "visible" as const, version: 1, created_at: new Date().toISOString(), revised_at: null, counts: { likes: 0, replies: 0 } };
    all.splice(at, 0, { ...made, depth, path: made.id });
    post.counts = { ...post.counts, comments: post.counts.comments + 1 };
    return this.#written(made, 201);
  }

  #written(made: { version: number }, status = 200): Response {
    return json(made, { status, headers: { ETag: `"${String(made.version)}"`, "Consistency-Token": `posts/0:${String(++this.#offset)}` } });
  }
}

export function json(body: unknown, init: ResponseInit = {}): Response {
  return Response.json(body, { ...init, headers: { "Content-Type": "application/json", ...(init.headers as Record<string, string> | undefined) } });
}

export function problem(status: number, code: string, detail: string, more: object = {}, headers: Record<string, string> = {}): Response {
  return Response.json(
    { type: `/problems/${code}`, title: detail, status, detail, instance: "/", request_id: "req-0042", ...more },
    { status, headers: { "Content-Type": "application/problem+json", ...headers } },
  );
}

/** As much Markdown as it takes to see the preview; the real one is made by the server. */
function rendered(body: string): string {
  const inline = (text: string) =>
    text
      .replace(/[&<>]/g, (sign) => `&#${String(sign.charCodeAt(0))};`)
      .replace(/\*\*(.+?)\*\*/g, "<strong>$1</strong>")
      .replace(/_(.+?)_/g, "<em>$1</em>")
      .replace(/\[(.+?)\]\((.+?)\)/g, '<a href="$2" rel="nofollow noopener">$1</a>');
  return body
    .split(/\n{2,}/)
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const heading = /^(#{2,3}) (.+)$/.exec(part);
      if (heading?.[1] && heading[2]) return `<h${String(heading[1].length)}>${inline(heading[2])}</h${String(heading[1].length)}>`;
      return part.startsWith("> ") ? `<blockquote><p>${inline(part.slice(2))}</p></blockquote>` : `<p>${inline(part)}</p>`;
    })
    .join("\n");
}
