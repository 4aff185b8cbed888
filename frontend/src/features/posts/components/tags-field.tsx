/** Up to five tags: written and ended with a comma or Enter, taken away with their button or Backspace. */
import { type KeyboardEvent, useId, useState } from "react";

import { Icon } from "@/components/icon";

const MOST = 5;
const LONGEST = 30;

interface Props {
  tags: readonly string[];
  error?: string | undefined;
  onChange: (tags: string[]) => void;
}

export function TagsField({ tags, error, onChange }: Props) {
  const id = useId();
  const [text, setText] = useState("");
  const full = tags.length >= MOST;

  const add = (typed: string) => {
    const fresh = typed
      .split(",")
      .map((tag) => tag.trim().slice(0, LONGEST))
      .filter((tag) => tag !== "");
    setText("");
    if (fresh.length > 0) onChange([...new Set([...tags, ...fresh])].slice(0, MOST));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      event.preventDefault(); // here it ends a tag and never publishes
      add(text);
    } else if (event.key === "Backspace" && text === "") onChange(tags.slice(0, -1));
  };

  return (
    <div className="field">
      <label htmlFor={id}>Tags</label>
      {tags.length > 0 && (
        <ul className="tags">
          {tags.map((tag) => (
            <li className="tag" key={tag}>
              {tag}
              <button
                type="button"
                className="tag-remove"
                aria-label={`Remove ${tag}`}
                onClick={() => {
                  onChange(tags.filter((one) => one !== tag));
                  document.getElementById(id)?.focus();
                }}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        className="input"
        id={id}
        value={text}
        readOnly={full}
        aria-describedby={`${id}-hint`}
        aria-invalid={error !== undefined || undefined}
        onKeyDown={onKeyDown}
        onBlur={() => {
          add(text);
        }}
        onChange={(event) => {
          if (event.target.value.endsWith(",")) add(event.target.value);
          else setText(event.target.value);
        }}
      />
      {error !== undefined && <p className="err">{error}</p>}
      <p className="hint" id={`${id}-hint`}>
        {full ? "Five tags is all there is room for." : "Up to five, with a comma or Enter after each."}
      </p>
    </div>
  );
}
