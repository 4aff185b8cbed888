/** A page that could not be shown. */
import { useRouter } from "@tanstack/react-router";

import { ErrorNote } from "@/components/error-note";
import { Heading } from "@/components/heading";

export function Failed({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <>
      <Heading className="page-title" title="This page could not be loaded" />
      <ErrorNote error={error} retry={() => void router.invalidate()} />
    </>
  );
}
