/**
 * Texts kept on this device until they are sent: a comment being written, a post with unsaved changes.
 *
 * Each belongs to who wrote it. What was written signed out belongs to whoever signs in next here.
 */
import { session } from "./session";
import { device } from "./storage";

interface Kept<T> {
  owner: string | null;
  at: number;
  value: T;
}

function name(what: string): string {
  return `inkstream.kept.${what}`;
}

function me(): string | null {
  return session.get().user?.id ?? null;
}

/** Answers whether it will outlive the page. */
export function keep(what: string, value: unknown): boolean {
  return device.write(name(what), JSON.stringify({ owner: me(), at: Date.now(), value } satisfies Kept<unknown>));
}

/** What was kept is what was given to `keep` under this name, which is why the caller knows its type. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- JSON carries no types
export function kept<T>(what: string): { value: T; at: number } | null {
  try {
    const found = JSON.parse(device.read(name(what)) ?? "null") as Kept<T> | null;
    return found !== null && (found.owner === null || found.owner === me()) ? { value: found.value, at: found.at } : null;
  } catch {
    return null;
  }
}

export function letGo(what: string): void {
  device.remove(name(what));
}
