/** Shows the toasts. Ten seconds each; pointing at one or focusing it keeps it. */
import { useEffect, useState } from "react";

import { useStore } from "@/lib/store";
import { dismiss, type Toast, toasts } from "@/lib/toasts";

import { Icon } from "./icon";

const STAY = 10_000;

export function Toasts() {
  const shown = useStore(toasts);
  return (
    <div className="toasts" role="status">
      {shown.map((one) => (
        <Message key={one.id} {...one} />
      ))}
    </div>
  );
}

function Message({ id, text, action }: Toast) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return undefined;
    const timer = setTimeout(() => {
      dismiss(id);
    }, STAY);
    return () => {
      clearTimeout(timer);
    };
  }, [held, id]);
  const hold = () => {
    setHeld(true);
  };
  const release = () => {
    setHeld(false);
  };
  return (
    <div className="toast" onPointerEnter={hold} onPointerLeave={release} onFocus={hold} onBlur={release}>
      <span>{text}</span>
      {action && (
        <button
          type="button"
          onClick={() => {
            dismiss(id);
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <button
        type="button"
        className="toast-close"
        aria-label="Close this message"
        onClick={() => {
          dismiss(id);
        }}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
