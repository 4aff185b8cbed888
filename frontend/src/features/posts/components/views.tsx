/** Two tabs where there is no room for two panes. */
import type { KeyboardEvent } from "react";

import styles from "./editor.module.css";

export type View = "write" | "preview";

const VIEWS: { id: View; label: string }[] = [
  { id: "write", label: "Write" },
  { id: "preview", label: "Preview" },
];

export function Views({ view, onChange }: { view: View; onChange: (view: View) => void }) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = view === "write" ? "preview" : "write";
    onChange(other);
    document.getElementById(`tab-${other}`)?.focus();
  };
  return (
    <div className={styles.views} role="tablist" aria-label="View" onKeyDown={onKeyDown}>
      {VIEWS.map(({ id, label }) => (
        <button
          className="btn sm"
          type="button"
          role="tab"
          key={id}
          id={`tab-${id}`}
          aria-controls={`pane-${id}`}
          aria-selected={view === id}
          tabIndex={view === id ? 0 : -1}
          onClick={() => {
            onChange(id);
          }}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
