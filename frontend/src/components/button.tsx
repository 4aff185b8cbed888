/** A button that keeps its width while it works. */
import type { ButtonHTMLAttributes } from "react";

interface Props extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "onClick"> {
  busy?: boolean;
  onPress?: () => void;
}

export function Button({ busy = false, onPress, children, disabled, type = "button", className = "btn", ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type}
      className={className}
      disabled={disabled}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={(event) => {
        // A busy button keeps focus, so it is not `disabled`; it only does nothing.
        if (busy) event.preventDefault();
        else onPress?.();
      }}
    >
      {children}
    </button>
  );
}
