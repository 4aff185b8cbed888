/** The marks most used, for those who do not know Markdown by heart. */
import type { RefObject } from "react";

import { apply, format, type Mark } from "../formatting";
import styles from "./editor.module.css";

const MARKS: { mark: Mark; label: string; face: string; key?: string }[] = [
  { mark: "bold", label: "Bold", face: "B", key: "b" },
  { mark: "italic", label: "Italic", face: "I", key: "i" },
  { mark: "heading", label: "H2 heading", face: "H2" },
  { mark: "quote", label: "Quote", face: "“ ”" },
  { mark: "link", label: "Link", face: "Link", key: "k" },
  { mark: "code", label: "Code", face: "Code" },
];

export function put(field: HTMLTextAreaElement | null, mark: Mark): void {
  if (field) apply(field, format(field.value, field.selectionStart, field.selectionEnd, mark));
}

/** The mark that Ctrl or ⌘ with this key stands for. */
export function markOf(key: string): Mark | undefined {
  return MARKS.find((one) => one.key === key.toLowerCase())?.mark;
}

export function Toolbar({ field, hidden }: { field: RefObject<HTMLTextAreaElement | null>; hidden: boolean }) {
  return (
    <div className={styles.marks} role="group" aria-label="Formatting" hidden={hidden}>
      {MARKS.map(({ mark, label, face, key }) => (
        <button
          className={`btn sm ${styles[mark] ?? ""}`}
          type="button"
          key={mark}
          aria-label={label}
          title={key ? `${label} (Ctrl+${key.toUpperCase()})` : label}
          onClick={() => {
            put(field.current, mark);
          }}
        >
          {face}
        </button>
      ))}
    </div>
  );
}
