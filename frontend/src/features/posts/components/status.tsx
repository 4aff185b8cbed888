/** The one line that says whether the text is safe, and where. */
import { OutcomeUnknown } from "@/lib/api/problem";
import { useNow } from "@/lib/clock";
import { since } from "@/lib/dates";
import { useOnline } from "@/lib/online";

import type { Draft } from "../use-draft";

const SAVING = { sending: "Saving…", retrying: "Saving… no answer yet, trying again", asking: "Not sure yet whether it was saved, asking…" };

export function Status({ draft, className }: { draft: Draft; className: string | undefined }) {
  const online = useOnline();
  const calm = !draft.saving && !draft.dirty && draft.savedAt !== null;
  const now = useNow(calm ? 1000 : null);
  return (
    <span className={className} role="status">
      {wordsFor(draft, online)}
      {calm && draft.savedAt !== null && <span aria-hidden="true"> {since(draft.savedAt, now)}</span>}
    </span>
  );
}

export function wordsFor(draft: Draft, online: boolean): string {
  const { saving, dirty, onDevice, error, theirs, base } = draft;
  const kept = onDevice ? ", kept on this device" : "";
  if (saving) return SAVING[draft.phase];
  if (theirs) return "Not saved: changed elsewhere";
  if (dirty && !online) return `Offline${kept}`;
  if (dirty && error instanceof OutcomeUnknown) return `Not known yet whether it was saved${kept}`;
  if (dirty && error) return `Not saved${kept}`;
  if (dirty) return `Unsaved changes${kept}`;
  if (draft.savedAt !== null) return "Saved";
  if (base === null) return "New draft";
  return base.stage === "published" ? "Published" : "Draft, saved";
}
