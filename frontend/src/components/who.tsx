/** A name that leads to its person; an account that was erased has a name but no page. */
import { personPath } from "@/lib/paths";

export function Who({ handle, name }: { handle: string; name: string }) {
  if (handle === "") return <span className="who">{name}</span>;
  return (
    <a className="who" href={personPath(handle)}>
      {name}
    </a>
  );
}
