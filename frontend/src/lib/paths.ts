/** The addresses of the app's own pages. */

export function personPath(handle: string): string {
  return `/@${handle}`;
}

export function pathOf(handle: string, slug: string | null): string {
  return `/@${handle}/${encodeURIComponent(slug ?? "")}`;
}

export function editPath(id: string): string {
  return `/write/${id}`;
}

export function signInPath(next: string): string {
  return `/sign-in?next=${encodeURIComponent(next)}`;
}

/** Where to go after signing in: a path of this site, never another one. */
export function safeNext(next: unknown): string {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) ? next : "/";
}

const OWN = /^\/(?:$|@|sign-in$|sign-up$|drafts$|write(?:$|\/))/;

/** Whether the app itself shows this path, so that a link to it needs no new page. */
export function isOwn(path: string): boolean {
  return OWN.test(path);
}
