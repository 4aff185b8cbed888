/** The address that a title suggests, as the server makes it (prose/slugs.py): letters and digits of any script, joined by hyphens. */
const LONGEST = 80;

export function slugOf(title: string): string {
  const text = title
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\p{Cf}'’ʼ]/gu, "")
    .replace(/(?:[^\p{L}\p{N}\p{M}]|(?<![\p{L}\p{N}\p{M}])\p{M})+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .normalize("NFKC");
  if (text.length <= LONGEST) return text;
  const end = text.lastIndexOf("-", LONGEST);
  return text.slice(0, end >= LONGEST / 2 ? end : LONGEST);
}
