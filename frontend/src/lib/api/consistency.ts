/**
 * How far this tab has seen the log: `posts/3:1842,comments/7:55`, the next offset of each topic and partition.
 *
 * Every answer that carries a token moves it on, every request carries it, so that what a reader did or saw is in all that follows.
 */
import { tab } from "@/lib/storage";

const KEY = "inkstream.consistency";
const PART = /^([a-z][a-z0-9.-]*\/\d+):(\d{1,15})$/;

/** The maximum of two tokens, partition by partition; what is malformed counts as unseen. */
export function merge(one: string, other: string): string {
  const seen = new Map<string, number>();
  for (const part of `${one},${other}`.split(",")) {
    const [, partition, offset] = PART.exec(part.trim()) ?? [];
    if (partition === undefined || offset === undefined) continue;
    seen.set(partition, Math.max(seen.get(partition) ?? 0, Number(offset)));
  }
  return [...seen]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([partition, offset]) => `${partition}:${String(offset)}`)
    .join(",");
}

export function seenSoFar(): string {
  return tab.read(KEY) ?? "";
}

export function saw(token: string | null): void {
  if (token) tab.write(KEY, merge(seenSoFar(), token));
}
