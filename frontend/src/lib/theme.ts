/** System, light or dark; `src/theme.ts` sets it before the first paint. */
import { device } from "./storage";
import { Store } from "./store";

export type Theme = "system" | "light" | "dark";

const KEY = "inkstream.theme";

function stored(): Theme {
  const value = device.read(KEY);
  return value === "light" || value === "dark" ? value : "system";
}

export const theme = new Store<Theme>(stored());

export function choose(value: Theme): void {
  if (value === "system") {
    device.remove(KEY);
    delete document.documentElement.dataset["theme"];
  } else {
    device.write(KEY, value);
    document.documentElement.dataset["theme"] = value;
  }
  theme.set(value);
}
