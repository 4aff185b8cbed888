/** Says so while the page is older than what its reader has already done, and asks again until it is not. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { behind } from "@/lib/api/behind";
import { useStore } from "@/lib/store";

const AGAIN = 5000;

export function Behind() {
  const client = useQueryClient();
  const late = useStore(behind);
  useEffect(() => {
    if (!late) return undefined;
    const timer = setTimeout(() => {
      behind.set(false);
      void client.invalidateQueries();
    }, AGAIN);
    return () => {
      clearTimeout(timer);
    };
  }, [late, client]);
  return (
    <div className="edge" role="status">
      {late && <p>Your newest changes are stored, but not on this page yet. It looks again by itself.</p>}
    </div>
  );
}
