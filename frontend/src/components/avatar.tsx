/** The first letter of a name, in a circle. */
export function Avatar({ name, size }: { name: string; size?: "sm" | "lg" }) {
  return (
    <span className={size ? `av ${size}` : "av"} aria-hidden="true">
      {(Array.from(name)[0] ?? "?").toUpperCase()}
    </span>
  );
}
