/** Marks for the Markdown editor: what to put in place of the selection, and what is selected then. */

export type Mark = "bold" | "italic" | "link" | "code" | "heading" | "quote";

export interface Edit {
  from: number;
  to: number;
  insert: string;
  select: [number, number];
}

const AROUND = { bold: "**", italic: "_", code: "`" } as const;
const BEFORE = { heading: "## ", quote: "> " } as const;

export function format(text: string, start: number, end: number, mark: Mark): Edit {
  const chosen = text.slice(start, end);
  if (mark === "link") {
    const insert = `[${chosen || "text"}](https://)`;
    const address = start + insert.length - 1;
    return { from: start, to: end, insert, select: chosen ? [address - 8, address] : [start + 1, start + 5] };
  }
  if (mark === "heading" || mark === "quote") {
    const from = text.lastIndexOf("\n", start - 1) + 1;
    const before = BEFORE[mark];
    const lines = text.slice(from, end).split("\n");
    const on = lines.every((line) => line.startsWith(before));
    const insert = lines.map((line) => (on ? line.slice(before.length) : before + line)).join("\n");
    return { from, to: end, insert, select: [from + insert.length, from + insert.length] };
  }
  const sign = AROUND[mark];
  const { length } = sign;
  if (text.slice(start - length, start) === sign && text.slice(end, end + length) === sign)
    return { from: start - length, to: end + length, insert: chosen, select: [start - length, end - length] };
  return { from: start, to: end, insert: sign + chosen + sign, select: [start + length, end + length] };
}

/** Makes the edit as if it had been typed, so that the browser's undo takes it back. */
export function apply(field: HTMLTextAreaElement, edit: Edit): void {
  field.focus();
  field.setSelectionRange(edit.from, edit.to);
  // The only way in that keeps the undo history of a textarea; where it is missing, the edit is made without it.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is no successor
  if (typeof document.execCommand !== "function" || !document.execCommand("insertText", false, edit.insert)) {
    field.setRangeText(edit.insert, edit.from, edit.to);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.setSelectionRange(...edit.select);
}
