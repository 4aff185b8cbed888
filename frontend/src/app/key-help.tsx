/** The list of keys, and the switch for them. */
import { Button } from "@/components/button";
import { Dialog } from "@/components/dialog";
import { useStore } from "@/lib/store";

import { keysOn, switchKeys } from "./keys";

const KEYS = [
  ["n", "Write a new post"],
  ["j", "Next post or comment"],
  ["k", "Previous post or comment"],
  ["c", "Write a comment"],
  ["?", "Show this list"],
] as const;

export default function KeyHelp({ onClose }: { onClose: () => void }) {
  const on = useStore(keysOn);
  return (
    <Dialog title="Keys" open onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <label className="check">
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => {
            switchKeys(event.target.checked);
          }}
        />
        Single keys do this
      </label>
      <div className="dialog-foot">
        <Button className="btn primary" onPress={onClose}>
          Close
        </Button>
      </div>
    </Dialog>
  );
}
