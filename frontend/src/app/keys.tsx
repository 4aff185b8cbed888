/** Keys for those who read with the keyboard; off while something is being typed, and altogether if wished. */
import { lazy, Suspense, useEffect, useState } from "react";

import { device } from "@/lib/storage";
import { Store, useStore } from "@/lib/store";
import { useVisit } from "@/lib/visit";

const KEY = "inkstream.keys";

export const keysOn = new Store(device.read(KEY) !== "off");

export function switchKeys(on: boolean): void {
  device.write(KEY, on ? "on" : "off");
  keysOn.set(on);
}

const Help = lazy(() => import("./key-help"));

export function Keys() {
  const visit = useVisit();
  const on = useStore(keysOn);
  const [help, setHelp] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      // The list of keys is where they are switched on again, so its own key always works.
      if (event.key === "?") setHelp(true);
      else if (!on) return;
      else if (event.key === "n") visit("/write");
      else if (event.key === "j") step(1);
      else if (event.key === "k") step(-1);
      else if (event.key === "c") document.querySelector<HTMLElement>("textarea#comment")?.focus();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
    };
  }, [visit, on]);
  return (
    help && (
      <Suspense>
        <Help
          onClose={() => {
            setHelp(false);
          }}
        />
      </Suspense>
    )
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable], [role=menu], [role=dialog]") !== null;
}

/** Moves focus to the next or previous post of a list, or comment of a thread. */
function step(by: 1 | -1): void {
  const stops = [...document.querySelectorAll<HTMLElement>(".card h2 a, .thread .cm")];
  const at = stops.findIndex((stop) => stop === document.activeElement || (stop.matches(".cm") && stop === document.activeElement?.closest(".cm")));
  const next = stops[at < 0 ? (by > 0 ? 0 : stops.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
