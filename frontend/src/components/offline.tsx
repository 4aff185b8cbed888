/** Says that there is no network, and what that means for what is being written. */
import { useOnline } from "@/lib/online";

export function Offline() {
  const online = useOnline();
  return (
    <div className="edge" role="status">
      {!online && <p>You are offline. What you write stays on this device until you are back.</p>}
    </div>
  );
}
