/** Times as people read them. The server writes the date in the same words (MARKUP.md). */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `12 Nov 2026`, in UTC. */
export function absolute(time: string): string {
  const at = new Date(time);
  return `${String(at.getUTCDate())} ${MONTHS[at.getUTCMonth()] ?? ""} ${String(at.getUTCFullYear())}`;
}

/** `2 h ago` for seven days, then the date. */
export function relative(time: string, now: number): string {
  const age = now - Date.parse(time);
  if (age >= 7 * DAY || age < -MINUTE) return absolute(time);
  if (age < MINUTE) return "just now";
  if (age < HOUR) return `${String(Math.floor(age / MINUTE))} min ago`;
  if (age < DAY) return `${String(Math.floor(age / HOUR))} h ago`;
  return age < 2 * DAY ? "yesterday" : `${String(Math.floor(age / DAY))} days ago`;
}

/** `12 s ago`, `3 min ago`: how long a text has been safe. */
export function since(at: number, now: number): string {
  const age = Math.max(0, now - at);
  if (age < 5000) return "just now";
  return age < MINUTE ? `${String(Math.floor(age / 1000))} s ago` : relative(new Date(at).toISOString(), now);
}
