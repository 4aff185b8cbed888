/** Carries out what a person asked for, and tells how it goes. */
import { useMutation, type UseMutationOptions } from "@tanstack/react-query";
import { useRef, useState } from "react";

import type { Act } from "./client";
import { Refused } from "./problem";
import type { Phase } from "./transport";

/**
 * A write from a component. Asking again for the same thing after a failure that left the outcome open is the same act, with the
 * same `Idempotency-Key`; asking for something else, or after a refusal, is a new one.
 */
export function useAct<In, Out>(send: (input: In, act: Act) => Promise<Out>, options: Omit<UseMutationOptions<Out, Error, In>, "mutationFn"> = {}) {
  const open = useRef<{ what: string; key: string } | null>(null);
  const [phase, setPhase] = useState<Phase>("sending");
  const mutation = useMutation<Out, Error, In>({
    ...options,
    networkMode: "always",
    mutationFn: async (input) => {
      const what = JSON.stringify([input]);
      if (open.current?.what !== what) open.current = { what, key: crypto.randomUUID() };
      try {
        const out = await send(input, { key: open.current.key, watch: setPhase });
        open.current = null;
        return out;
      } catch (error) {
        if (error instanceof Refused && (error.status < 500 || error.code === "closed")) open.current = null;
        throw error;
      }
    },
  });
  return { ...mutation, phase };
}
